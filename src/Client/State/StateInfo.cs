namespace Queued.Client;

/// <summary>What a shared object is.</summary>
public enum StateKind
{
    /// <summary>Of a kind that this client does not know.</summary>
    Unknown = 0,

    /// <summary>See <see cref="SharedLock"/>.</summary>
    Lock = 1,

    /// <summary>See <see cref="SharedRLock"/>.</summary>
    RLock = 2,

    /// <summary>See <see cref="SharedSemaphore"/>.</summary>
    Semaphore = 3,

    /// <summary>See <see cref="SharedSemaphore"/>.</summary>
    BoundedSemaphore = 4,

    /// <summary>See <see cref="SharedEvent"/>.</summary>
    Event = 5,

    /// <summary>See <see cref="SharedCondition"/>.</summary>
    Condition = 6,

    /// <summary>See <see cref="SharedBarrier"/>.</summary>
    Barrier = 7,

    /// <summary>See <see cref="SharedCounter"/>.</summary>
    Counter = 8,

    /// <summary>See <see cref="SharedValue{T}"/>.</summary>
    Value = 9,

    /// <summary>See <see cref="SharedArray{T}"/>.</summary>
    Array = 10,

    /// <summary>See <see cref="SharedMap{T}"/>.</summary>
    Map = 11,

    /// <summary>See <see cref="SharedList{T}"/>.</summary>
    List = 12,
}

/// <summary>A shared object as the daemon sees it, but for what is in it.</summary>
public sealed record StateInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required StateKind Kind { get; init; }

    /// <summary>Of semaphores: permits when it was made. Else 0.</summary>
    public int Permits { get; init; }

    /// <summary>Of barriers: how many go on together. Else 0.</summary>
    public int Parties { get; init; }

    /// <summary>Of arrays: how many elements. Else 0.</summary>
    public int Length { get; init; }

    /// <summary>Of arrays: bytes of one element. Else 0.</summary>
    public int ElementBytes { get; init; }

    /// <summary>Of counters: the value when it was made. Else 0.</summary>
    public long Initial { get; init; }

    /// <summary>It stays until it is deleted.</summary>
    public bool Keep { get; init; }

    /// <summary>Clients that use it.</summary>
    public int Users { get; init; }

    /// <summary>Who holds it, oldest first; at most 100.</summary>
    public IReadOnlyList<GrantInfo> Grants { get; init; } = [];

    /// <summary>Operations that wait for it.</summary>
    public int Waiting { get; init; }

    /// <summary>
    /// Of locks and semaphores: permits that are free. Of events: 1, it is set. Of barriers: how many have come. Of
    /// values: how often they were written. Of arrays, maps and lists: how many entries they have.
    /// </summary>
    public long Count { get; init; }

    /// <summary>Of counters: its value.</summary>
    public long Value { get; init; }

    /// <summary>Bytes of what is in it.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Of barriers: it is broken.</summary>
    public bool Broken { get; init; }
}

/// <summary>A lock or a permit that somebody holds.</summary>
public sealed record GrantInfo
{
    /// <summary>Its number.</summary>
    public required ulong FencingToken { get; init; }

    /// <summary>Name of the client: its program and process id, unless it says otherwise.</summary>
    public required string Holder { get; init; }

    /// <summary>Since when.</summary>
    public DateTimeOffset GrantedAt { get; init; }

    /// <summary>When it ends, if it is not extended. Null: with the holder's session.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>How often a reentrant lock was acquired. Else 1.</summary>
    public int Depth { get; init; }
}
