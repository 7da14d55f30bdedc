namespace Queued.Broker;

public enum PoolState : byte
{
    Active = 1,

    /// <summary>The breaker is open: workers fail to boot, tasks stay queued.</summary>
    Broken = 2,
    Stopping = 3,
}

public enum WorkerState : byte
{
    Starting = 1,
    Ready = 2,
    Busy = 3,

    /// <summary>A place in a pool that waits before its next process starts.</summary>
    Backoff = 4,
    Draining = 5,
    Exited = 6,

    /// <summary>A place in a pool whose breaker is open.</summary>
    Fatal = 7,
}

/// <summary>A pool's settings as given; null and 0 take the default.</summary>
public sealed record PoolSettings
{
    public required string Name { get; init; }

    public int Size { get; init; }

    /// <summary>Empty: <c>default</c>.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The workers are OS commands of the handler <c>exec</c>, one process for each attempt.</summary>
    public bool Exec { get; init; }

    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    public string WorkingDirectory { get; init; } = "";

    public int Slots { get; init; }

    public TimeSpan? BootTimeout { get; init; }

    public TimeSpan? HeartbeatTimeout { get; init; }

    public int TasksMax { get; init; }

    public TimeSpan? AgeMax { get; init; }

    public long MemorySoftBytes { get; init; }

    public long MemoryHardBytes { get; init; }

    public double? RecycleJitter { get; init; }

    public TimeSpan? StopGrace { get; init; }

    public TimeSpan? TermGrace { get; init; }

    public TimeSpan? RestartBackoff { get; init; }

    public TimeSpan? RestartBackoffMax { get; init; }

    public int BreakerFailures { get; init; }
}

/// <summary>All that is shown of a pool; a snapshot.</summary>
public sealed record PoolView
{
    /// <summary>With every default filled in, but for limits that are not there.</summary>
    public required PoolSettings Settings { get; init; }

    public required PoolState State { get; init; }

    public int Ready { get; init; }

    public int Busy { get; init; }

    public int Starting { get; init; }

    public int Draining { get; init; }

    public long RestartsTotal { get; init; }

    public long AttemptsTotal { get; init; }

    public string LastBootError { get; init; } = "";

    public int Generation { get; init; }
}

/// <summary>An attempt on a worker; a snapshot.</summary>
public sealed record RunningAttemptView(AttemptId Attempt, string Handler, bool Waiting);

/// <summary>All that is shown of a worker; a snapshot.</summary>
public sealed record WorkerView
{
    public required WorkerId Id { get; init; }

    /// <summary>Empty: external.</summary>
    public required string Pool { get; init; }

    public required WorkerState State { get; init; }

    public int ProcessId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public IReadOnlyList<RunningAttemptView> Running { get; init; } = [];

    public long AttemptsTotal { get; init; }

    public long ResidentBytes { get; init; }

    public IReadOnlyList<string> Queues { get; init; } = [];

    public IReadOnlyList<string> Handlers { get; init; } = [];

    public int Slots { get; init; }

    public int Generation { get; init; }
}

/// <summary>Counts over the whole broker; a snapshot.</summary>
public sealed record BrokerStatus
{
    public int Queues { get; init; }

    public int Pools { get; init; }

    public int Workers { get; init; }

    public long OpenTasks { get; init; }

    public long FinishedTasks { get; init; }

    public long RunningTasks { get; init; }

    public bool Draining { get; init; }

    /// <summary>What keeps the broker from being ready, one sentence each.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    public IReadOnlyList<QueueView> QueueViews { get; init; } = [];

    public IReadOnlyList<PoolView> PoolViews { get; init; } = [];
}
