namespace Queued.Client;

/// <summary>How a queue keeps its tasks.</summary>
public enum Durability
{
    /// <summary>The daemon's default: <see cref="Fsync"/> where it has a store, else <see cref="Memory"/>.</summary>
    Default = 0,

    /// <summary>In memory: gone with the daemon.</summary>
    Memory = 1,

    /// <summary>Written at once, and nobody waits for the disk: a power failure may lose the last of it.</summary>
    Async = 2,

    /// <summary>On the disk before the answer that depends on it.</summary>
    Fsync = 3,
}

/// <summary>What a queue holds.</summary>
public enum QueueKind
{
    /// <summary><see cref="Tasks"/>, or what the queue that is there holds.</summary>
    Default = 0,

    /// <summary>Tasks, which workers run.</summary>
    Tasks = 1,

    /// <summary>Plain messages, which clients put and get: see <see cref="MessageQueue{T}"/>.</summary>
    Messages = 2,
}

/// <summary>Which entry of one priority comes first.</summary>
public enum QueueOrder
{
    /// <summary><see cref="Fifo"/>.</summary>
    Default = 0,

    /// <summary>The oldest.</summary>
    Fifo = 1,

    /// <summary>The newest. Of queues of messages alone.</summary>
    Lifo = 2,
}

/// <summary>Whether a queue takes and gives tasks.</summary>
public enum QueueState
{
    /// <summary>Not known: the daemon is newer than this client.</summary>
    Unknown = 0,

    /// <summary>Takes and gives.</summary>
    Active = 1,

    /// <summary>Takes, does not give.</summary>
    Paused = 2,

    /// <summary>Gives, does not take.</summary>
    Draining = 3,
}

/// <summary>The settings of a queue. What is null takes the daemon's default.</summary>
public sealed record QueuePolicy
{
    /// <summary>How tasks are kept.</summary>
    public Durability Durability { get; init; }

    /// <summary>What it holds. It cannot change.</summary>
    public QueueKind Kind { get; init; }

    /// <summary>Which entry of one priority comes first. It can change while the queue is empty.</summary>
    public QueueOrder Order { get; init; }

    /// <summary>
    /// Most tasks that have not ended, or messages that nobody holds, at least 1. Null or 0: the daemon's limit (10
    /// million), which is also the most.
    /// </summary>
    public long? TasksMax { get; init; }

    /// <summary>
    /// Most payload bytes of tasks that have not ended, at least 1. Null or 0: the daemon's limit, which is also the
    /// most.
    /// </summary>
    public long? BytesMax { get; init; }

    /// <summary>For tasks that bring none of their own, field by field.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Hard timeout for tasks that bring none, more than 0 to 30 days. Null: none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Grace for tasks that bring none, 0 to 1 hour. Null: 5 seconds.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>
    /// How long results stay, for tasks that do not say, 0 to 30 days. With 0 they are gone at their end, also where
    /// the connection of those who wait breaks just then. Null: 1 hour.
    /// </summary>
    public TimeSpan? ResultTtl { get; init; }

    /// <summary>
    /// Most tasks of this queue that run at once, at least 1. Null or 0: as many as there are workers.
    /// </summary>
    public int? RunningMax { get; init; }

    /// <summary>Most dead letters kept, at least 1; the oldest goes first. Null or 0: 10000.</summary>
    public int? DeadMax { get; init; }
}

/// <summary>All that the daemon knows of a queue: a snapshot.</summary>
public sealed record QueueInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its settings, with every default filled in.</summary>
    public required QueuePolicy Policy { get; init; }

    /// <summary>Whether it takes and gives tasks.</summary>
    public required QueueState State { get; init; }

    /// <summary>Tasks that wait for their time.</summary>
    public long ScheduledCount { get; init; }

    /// <summary>Tasks that are ready.</summary>
    public long QueuedCount { get; init; }

    /// <summary>Tasks that run.</summary>
    public long RunningCount { get; init; }

    /// <summary>Tasks that wait for their next attempt.</summary>
    public long RetryingCount { get; init; }

    /// <summary>Dead letters: tasks that ended FAILED or TIMED_OUT and are kept.</summary>
    public long DeadCount { get; init; }

    /// <summary>Payload bytes of tasks that have not ended.</summary>
    public long PayloadBytes { get; init; }

    /// <summary>Tasks that ever SUCCEEDED here since the daemon started.</summary>
    public long SucceededTotal { get; init; }

    /// <summary>Tasks that ever ended FAILED, TIMED_OUT or EXPIRED here since the daemon started.</summary>
    public long FailedTotal { get; init; }

    /// <summary>Tasks that were ever CANCELLED here since the daemon started.</summary>
    public long CancelledTotal { get; init; }

    /// <summary>When the oldest ready task was submitted. Null: none is ready.</summary>
    public DateTimeOffset? OldestQueuedAt { get; init; }

    /// <summary>Pools that serve it.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>It is gone, with all in it, when the last client that uses it has gone.</summary>
    public bool Ephemeral { get; init; }

    /// <summary>Operations that wait for a message.</summary>
    public int WaitingGetters { get; init; }

    /// <summary>Operations that wait for room.</summary>
    public int WaitingPutters { get; init; }
}
