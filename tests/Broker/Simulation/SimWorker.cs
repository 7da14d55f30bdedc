namespace Queued.Broker.Tests.Simulation;

/// <summary>A worker process as the world sees it: what it holds, and how it will misbehave.</summary>
internal sealed class SimWorker(WorkerId id, PoolSettings? pool)
{
    public WorkerId Id { get; set; } = id;

    /// <summary>Null: external.</summary>
    public PoolSettings? Pool { get; } = pool;

    public bool IsExternal => Pool is null;

    /// <summary>The OS command's attempt, where it is an exec process.</summary>
    public AttemptId? Exec { get; init; }

    /// <summary>The daemon will stop it if it has no end of its own.</summary>
    public bool HasTimeout { get; init; }

    public bool IsAlive { get; set; }

    public bool IsConnected { get; set; }

    public bool IsGone { get; set; }

    public bool IsDraining { get; set; }

    public bool IsHung { get; set; }

    public bool IgnoresTerm { get; set; }

    /// <summary>A signal that came before the process was there.</summary>
    public int PendingSignal { get; set; }

    public int Slots { get; set; } = 1;

    public TimeSpan HeartbeatInterval { get; set; }

    public List<HeldAttempt> Held { get; } = [];

    public List<Settlement> Outbox { get; } = [];

    public bool IsFlushing { get; set; }

    /// <summary>When the last message from the daemon came in; the stream keeps its order.</summary>
    public long LastArrival { get; set; }

    public long ResidentBytes { get; set; } = 1_000_000;
}

/// <summary>An assignment on a worker.</summary>
internal sealed class HeldAttempt(AttemptId attempt, TimeSpan? timeout)
{
    public AttemptId Attempt { get; } = attempt;

    public TimeSpan? Timeout { get; } = timeout;

    public bool IsBegun { get; set; }

    public bool IsWaiting { get; set; }

    public bool IsDone { get; set; }
}
