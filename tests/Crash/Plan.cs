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

    /// <summary>Fails in every attempt, and becomes a dead letter, which the client requeues.</summary>
    Doomed,

    /// <summary>Gives its input back, and is retried by the client after its end.</summary>
    Retried,

    /// <summary>Waits long, and is cancelled once it was accepted.</summary>
    Cancelled,
}

/// <summary>The tasks of a client, by number: every run of the same client submits the same.</summary>
internal static class Plan
{
    public const string Queue = "crash";

    public static Kind KindOf(long number) => (number % 50) switch
    {
        < 40 => Kind.Echo,
        40 or 41 => Kind.Retried,
        42 or 43 => Kind.Delayed,
        44 or 45 or 46 => Kind.Flaky,
        47 or 48 => Kind.Doomed,
        _ => Kind.Cancelled,
    };

    public static string KeyOf(string client, long number) => $"{client}-{number}";

    /// <summary>The same task once more. Its label is that of the first one.</summary>
    public static string AgainKeyOf(string client, long number) => $"{client}again-{number}";

    public static Kind KindOf(string key) =>
        KindOf(long.Parse(key[(key.IndexOf('-', StringComparison.Ordinal) + 1)..], null));
}
