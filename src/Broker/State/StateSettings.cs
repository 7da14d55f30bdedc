namespace Queued.Broker;

/// <summary>What a shared object is.</summary>
public enum StateKind : byte
{
    /// <summary>One holder, who would wait for himself.</summary>
    Lock = 1,

    /// <summary>One holder, who may acquire it again and releases it as often.</summary>
    RLock,

    /// <summary>So many permits; a release without an acquire adds one.</summary>
    Semaphore,

    /// <summary>So many permits and never more.</summary>
    BoundedSemaphore,
    Event,

    /// <summary>A lock like <see cref="RLock"/>, and those that wait to be notified.</summary>
    Condition,
    Barrier,
    Counter,
    Value,
    Array,
    Map,
    List,
}

/// <summary>A shared object as it is to be made. What its kind does not have is 0.</summary>
public sealed record StateSettings
{
    public required StateKind Kind { get; init; }

    /// <summary>Of semaphores, at first.</summary>
    public int Permits { get; init; }

    /// <summary>Of barriers.</summary>
    public int Parties { get; init; }

    /// <summary>Of arrays: elements.</summary>
    public int Length { get; init; }

    /// <summary>Of arrays: bytes of one element.</summary>
    public int ElementBytes { get; init; }

    /// <summary>Of counters: the value at first.</summary>
    public long Initial { get; init; }
}
