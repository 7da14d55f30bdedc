using System.Globalization;
using System.Text.Json.Serialization.Metadata;

namespace Queued.Client;

/// <summary>What a <see cref="ProcessPool"/> is made of.</summary>
public sealed record ProcessPoolOptions
{
    /// <summary>How many worker processes, 1 to 1024. Default: one for each processor.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// The daemon's program, <c>queued</c> or <c>queued.dll</c>. Null (the default): <c>QUEUED_DAEMON</c> of the
    /// environment, else <c>queued/queued</c> or <c>queued</c> in the program's own directory, else <c>queued</c> in
    /// PATH.
    /// </summary>
    public string? DaemonPath { get; init; }

    /// <summary>
    /// The command that starts this program again. Null (the default): found by itself for <c>dotnet app.dll</c>, for a
    /// program with its own executable, and under <c>dotnet test</c>.
    /// </summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>
    /// How long the daemon and the first worker may take together to get ready, more than 0 to 1 hour. Default: 30
    /// seconds.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A worker is replaced after this many tasks, at least 1. Null (the default): never.</summary>
    public int? TasksMax { get; init; }

    /// <summary>
    /// A worker is replaced at this age, 1 millisecond to 365 days. Null (the default): never.
    /// </summary>
    public TimeSpan? AgeMax { get; init; }

    /// <summary>
    /// A worker whose resident memory is above this is replaced after its task, at least 1. Null (the default): never.
    /// </summary>
    public long? MemorySoftBytes { get; init; }

    /// <summary>
    /// A worker whose resident memory is above this is killed at once, and its task fails with OUT OF MEMORY; at least
    /// 1. Null (the default): never.
    /// </summary>
    public long? MemoryHardBytes { get; init; }

    /// <summary>
    /// JSON metadata for inputs and results, asked before reflection. Only needed, and only used in the workers, where
    /// there is no reflection: under native AOT. Null (the default): none.
    /// </summary>
    public IJsonTypeInfoResolver? JsonTypeInfoResolver { get; init; }

    internal void Validate()
    {
        var mistakes = new List<string>();
        Check(Workers is >= 1 and <= 1024, nameof(Workers), Workers, "from 1 to 1024");
        Check(
            StartTimeout > TimeSpan.Zero && StartTimeout <= TimeSpan.FromHours(1),
            nameof(StartTimeout),
            StartTimeout,
            "more than 0 and at most 1 hour");
        Check(Command is not { Count: 0 }, nameof(Command), "empty", "a program and its arguments");
        Check(TasksMax is null or >= 1, nameof(TasksMax), TasksMax, "at least 1");
        Check(
            AgeMax is null || (AgeMax >= TimeSpan.FromMilliseconds(1) && AgeMax <= TimeSpan.FromDays(365)),
            nameof(AgeMax),
            AgeMax,
            "from 1 millisecond to 365 days");
        Check(MemorySoftBytes is null or >= 1, nameof(MemorySoftBytes), MemorySoftBytes, "at least 1");
        Check(MemoryHardBytes is null or >= 1, nameof(MemoryHardBytes), MemoryHardBytes, "at least 1");
        if (mistakes.Count > 0)
            throw new ArgumentException(string.Join(" ", mistakes));

        void Check(bool isRight, string option, object? value, string range)
        {
            if (!isRight)
                mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}; it must be {range}."));
        }
    }
}
