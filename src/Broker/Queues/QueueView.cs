namespace Queued.Broker;

/// <summary>How a queue keeps its tasks.</summary>
public enum Durability : byte
{
    /// <summary>In memory: gone with the daemon.</summary>
    Memory = 1,

    /// <summary>Handed to the store, and nobody waits for the disk: a crash may lose the last of it.</summary>
    Async = 2,

    /// <summary>On the disk before the reply that depends on it.</summary>
    Fsync = 3,
}

/// <summary>What a queue holds.</summary>
public enum QueueKind : byte
{
    /// <summary>Tasks, which workers run.</summary>
    Tasks = 1,

    /// <summary>Plain messages, which sessions put and get.</summary>
    Messages = 2,
}

/// <summary>Which entry of one priority comes first.</summary>
public enum QueueOrder : byte
{
    Fifo = 1,

    /// <summary>The newest. Of message queues alone.</summary>
    Lifo = 2,
}

public enum QueueState : byte
{
    Active = 1,
    Paused = 2,
    Draining = 3,
}

/// <summary>A queue's settings as given; null and 0 take the default.</summary>
public sealed record QueueSettings
{
    public Durability Durability { get; init; } = Durability.Memory;

    public long TasksMax { get; init; }

    public long BytesMax { get; init; }

    public RetrySettings? Retry { get; init; }

    public TimeSpan? Timeout { get; init; }

    public TimeSpan? Grace { get; init; }

    public TimeSpan? ResultTtl { get; init; }

    public int RunningMax { get; init; }

    public int DeadMax { get; init; }

    /// <summary>Null: tasks, or what the queue that is there holds.</summary>
    public QueueKind? Kind { get; init; }

    /// <summary>Null: FIFO.</summary>
    public QueueOrder? Order { get; init; }
}

/// <summary>All that is shown of a queue; a snapshot.</summary>
public sealed record QueueView
{
    public required string Name { get; init; }

    /// <summary>With every default filled in, but for timeouts and maxima that are not there.</summary>
    public required QueueSettings Settings { get; init; }

    public required QueueState State { get; init; }

    public long Scheduled { get; init; }

    public long Queued { get; init; }

    public long Running { get; init; }

    public long Retrying { get; init; }

    public long Dead { get; init; }

    public long PayloadBytes { get; init; }

    public long SucceededTotal { get; init; }

    public long FailedTotal { get; init; }

    public long CancelledTotal { get; init; }

    public DateTimeOffset? OldestQueuedAt { get; init; }

    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>It is gone with the last session that uses it.</summary>
    public bool IsEphemeral { get; init; }

    /// <summary>Operations that wait for a message.</summary>
    public int WaitingGetters { get; init; }

    /// <summary>Operations that wait for room.</summary>
    public int WaitingPutters { get; init; }
}
