namespace Queued.Crash;

/// <summary>What a task of the run does, which is what its end has to be.</summary>
internal enum Kind
{
    /// <summary>Gives its input back.</summary>
    Echo,

    /// <summary>The same, with a delay before it.</summary>
    Delayed,

    /// <summary>Fails in its first attempt.</summary>
    Flaky,

    /// <summary>Fails in every attempt, and becomes a dead letter.</summary>
    Doomed,

    /// <summary>Waits long, and is cancelled once it was accepted.</summary>
    Cancelled,
}

/// <summary>The tasks of a client, by number: every run of the same client submits the same.</summary>
internal static class Plan
{
    public const string Queue = "crash";

    public static Kind KindOf(long number) => (number % 50) switch
    {
        < 42 => Kind.Echo,
        42 or 43 => Kind.Delayed,
        44 or 45 or 46 => Kind.Flaky,
        47 or 48 => Kind.Doomed,
        _ => Kind.Cancelled,
    };

    public static string KeyOf(string client, long number) => $"{client}-{number}";

    public static Kind KindOf(string key) =>
        KindOf(long.Parse(key[(key.IndexOf('-', StringComparison.Ordinal) + 1)..], null));
}
