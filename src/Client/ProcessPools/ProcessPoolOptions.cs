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
    /// How long the daemon and the first worker may take to get ready, more than 0. Default: 30 seconds.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A worker is replaced after this many tasks. Null (the default): never.</summary>
    public int? TasksMax { get; init; }

    /// <summary>A worker is replaced at this age. Null (the default): never.</summary>
    public TimeSpan? AgeMax { get; init; }

    /// <summary>
    /// A worker whose resident memory is above this is replaced after its task. Null (the default): never.
    /// </summary>
    public long? MemorySoftBytes { get; init; }

    /// <summary>
    /// A worker whose resident memory is above this is killed at once, and its task fails with OUT OF MEMORY. Null (the
    /// default): never.
    /// </summary>
    public long? MemoryHardBytes { get; init; }

    /// <summary>
    /// JSON metadata for inputs and results, asked before reflection. Only needed, and only used in the workers, where
    /// there is no reflection: under native AOT. Null (the default): none.
    /// </summary>
    public IJsonTypeInfoResolver? JsonTypeInfoResolver { get; init; }

    internal void Validate()
    {
        if (Workers is < 1 or > 1024)
            throw new ArgumentException($"{nameof(Workers)} is {Workers}; it must be from 1 to 1024.");
        if (StartTimeout <= TimeSpan.Zero || StartTimeout > TimeSpan.FromHours(1))
            throw new ArgumentException(
                $"{nameof(StartTimeout)} is {StartTimeout}; it must be more than 0 and at most 1 hour.");
        if (Command is { Count: 0 })
            throw new ArgumentException($"{nameof(Command)} is empty; it must name a program.");
    }
}
