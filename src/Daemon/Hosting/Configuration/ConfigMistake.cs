namespace Queued.Daemon.Hosting.Configuration;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Path">Where, such as <c>pools.encode.size</c>; empty for a file as a whole.</param>
/// <param name="Message">What, with the value and what is allowed.</param>
/// <param name="Source">The file, environment variable or flag it came from.</param>
internal sealed record ConfigMistake(string Path, string Message, string Source)
{
    /// <summary>For a terminal: names and values are what somebody has written.</summary>
    public override string ToString() => ConfigText.Printable(
        Path.Length == 0 ? $"{Source}: {Message}" : $"{Path}: {Message} ({Source})");
}

/// <summary>The configuration cannot be used; every mistake is in it.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigMistake> mistakes)
    : Exception(Describe(mistakes))
{
    public IReadOnlyList<ConfigMistake> Mistakes { get; } = mistakes;

    private static string Describe(IReadOnlyList<ConfigMistake> mistakes) =>
        mistakes.Count == 1
            ? $"the configuration has a mistake:\n  {mistakes[0]}"
            : $"the configuration has {mistakes.Count} mistakes:\n  {string.Join("\n  ", mistakes)}";
}
