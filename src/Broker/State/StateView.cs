namespace Queued.Broker;

/// <summary>All that is shown of a shared object, but for what is in it; a snapshot.</summary>
public sealed record StateView
{
    public required string Name { get; init; }

    public required StateSettings Settings { get; init; }

    public bool Keep { get; init; }

    /// <summary>Sessions that use it.</summary>
    public int Users { get; init; }

    /// <summary>Oldest first, and not more than fit on a page.</summary>
    public IReadOnlyList<GrantView> Grants { get; init; } = [];

    /// <summary>Operations that wait for it.</summary>
    public int Waiting { get; init; }

    /// <summary>Free permits; 1 where an event is set; parties that have come; entries.</summary>
    public long Count { get; init; }

    /// <summary>Of counters.</summary>
    public long Value { get; init; }

    /// <summary>Bytes of what is in it.</summary>
    public long Bytes { get; init; }

    /// <summary>Of barriers.</summary>
    public bool IsBroken { get; init; }
}

/// <summary>A lock or permit that somebody holds.</summary>
/// <param name="Token">Its fencing token.</param>
/// <param name="Holder">Name of the session.</param>
/// <param name="GrantedAt">Since when.</param>
/// <param name="LeaseUntil">When it ends. Null: with its session.</param>
/// <param name="Depth">How often it was acquired.</param>
public sealed record GrantView(
    ulong Token, string Holder, DateTimeOffset GrantedAt, DateTimeOffset? LeaseUntil, int Depth);

/// <summary>An entry of a map.</summary>
/// <param name="Version">The map's count of changes when it was written.</param>
public sealed record MapItem(string Key, TaskPayload Payload, ulong Version);
