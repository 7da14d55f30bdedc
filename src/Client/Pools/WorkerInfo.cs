namespace Queued.Client;

/// <summary>Where a worker is in its life.</summary>
public enum WorkerState
{
    /// <summary>Not known: the daemon is newer than this client.</summary>
    Unknown = 0,

    /// <summary>Started, has not said hello.</summary>
    Starting = 1,

    /// <summary>Has a free slot.</summary>
    Ready = 2,

    /// <summary>Every slot runs an attempt.</summary>
    Busy = 3,

    /// <summary>A place in a pool that waits before it starts its next process.</summary>
    Backoff = 4,

    /// <summary>Finishes its attempts and leaves.</summary>
    Draining = 5,

    /// <summary>Gone.</summary>
    Exited = 6,

    /// <summary>A place in a pool whose breaker is open.</summary>
    Fatal = 7,
}

/// <summary>One worker process: a snapshot.</summary>
public sealed record WorkerInfo
{
    /// <summary>Its id, unique for the daemon's life.</summary>
    public required string Id { get; init; }

    /// <summary>Its pool. Empty: external.</summary>
    public string Pool { get; init; } = "";

    /// <summary>Where it is in its life.</summary>
    public required WorkerState State { get; init; }

    /// <summary>Its process id. Null: not known.</summary>
    public int? ProcessId { get; init; }

    /// <summary>When it started, or connected.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The attempts it runs.</summary>
    public IReadOnlyList<RunningAttempt> Running { get; init; } = [];

    /// <summary>Attempts it finished.</summary>
    public long AttemptsTotal { get; init; }

    /// <summary>Its resident memory in bytes at the last look. Null: not known.</summary>
    public long? ResidentBytes { get; init; }

    /// <summary>The queues it serves.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>The handlers it offers, at most the first 100.</summary>
    public IReadOnlyList<string> Handlers { get; init; } = [];

    /// <summary>How many attempts it runs at once.</summary>
    public int Slots { get; init; }

    /// <summary>Generation of its pool that it belongs to.</summary>
    public int Generation { get; init; }
}

/// <summary>An attempt on a worker.</summary>
/// <param name="Task">The task.</param>
/// <param name="Attempt">Number of the attempt.</param>
/// <param name="Handler">Its handler.</param>
/// <param name="Waiting">True: it waits for another task and has given its slot back.</param>
public sealed record RunningAttempt(TaskId Task, int Attempt, string Handler, bool Waiting);
