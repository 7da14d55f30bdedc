namespace Queued.Client.ProcessPools;

/// <summary>Finds the daemon's program.</summary>
internal static class DaemonLocator
{
    public const string Variable = "QUEUED_DAEMON";
    private const string Program = "queued";
    private const string Option = $"{nameof(ProcessPoolOptions)}.{nameof(ProcessPoolOptions.DaemonPath)}";

    /// <returns>The command that starts it, without arguments of its own.</returns>
    /// <exception cref="FileNotFoundException">It is nowhere; the message says where it was looked for.</exception>
    public static IReadOnlyList<string> Find(string? option, Func<string, string?> environment, string directory)
    {
        if (option is not null)
            return ToCommand(option)
                ?? throw NotFound($"{Option} says '{option}', which is not there.");
        if (environment(Variable) is { Length: > 0 } named)
            return ToCommand(named) ?? throw NotFound($"{Variable} says '{named}', which is not there.");

        var places = new List<string>();
        foreach (var place in Places(environment, directory))
        {
            if (ToCommand(place) is { } command)
                return command;
            places.Add(place);
        }

        throw NotFound(
            $"It is not in {string.Join(", ", places.Take(4))}, nor in PATH. Put it beside the program "
            + "(build/IncludeDaemon.targets does that at build time), or say where it is with "
            + $"{Option} or {Variable}.");
    }

    private static IEnumerable<string> Places(Func<string, string?> environment, string directory)
    {
        yield return Path.Combine(directory, Program, Program);
        yield return Path.Combine(directory, Program, Program + ".dll");
        yield return Path.Combine(directory, Program);
        yield return Path.Combine(directory, Program + ".dll");
        var path = environment("PATH") ?? "";
        foreach (var entry in path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            yield return Path.Combine(entry, Program);
    }

    private static string[]? ToCommand(string path)
    {
        if (!File.Exists(path))
            return null;
        return path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? [ProgramCommand.DotNet(), path] : [path];
    }

    private static FileNotFoundException NotFound(string why) => new($"The daemon 'queued' was not found. {why}");
}
