namespace Queued.Broker;

/// <summary>All that the store has, for <see cref="BrokerCore.Restore"/>.</summary>
public sealed record BrokerSnapshot
{
    public IEnumerable<StoredQueue> Queues { get; init; } = [];

    public IEnumerable<PoolSettings> Pools { get; init; } = [];

    public IEnumerable<StoredKey> Keys { get; init; } = [];

    /// <summary>By number, the lowest first. Read once, one at a time.</summary>
    public IEnumerable<StoredTask> Tasks { get; init; } = [];

    /// <summary>The highest number that was ever stored, also where its task was removed. Null: none.</summary>
    public TaskId? LastTask { get; init; }
}

public sealed record StoredQueue(string Name, QueueSettings Settings, QueueState State);

/// <summary>A key of a queue that was used for a task, until a moment of the wall clock.</summary>
public sealed record StoredKey(string Queue, string Key, TaskId Task, UInt128 Fingerprint, DateTimeOffset Until);
