namespace Queued.Broker;

/// <summary>
/// The life of a client's connection, or of one call, and all that ends with it.
/// </summary>
internal sealed class SessionEntry(SessionId id, string name)
{
    public SessionId Id { get; } = id;

    /// <summary>Who it is, for people.</summary>
    public string Name { get; } = name;

    /// <summary>Tasks of whose end it hears, beside those that it was the first to submit.</summary>
    public HashSet<TaskEntry> Watched { get; } = [];

    /// <summary>Messages that it was given and has not settled, oldest first.</summary>
    public LinkedRing<MessageLease, MessageLease.OfSession> Held { get; } = new();

    /// <summary>Queues that are there for as long as those who use them. Null: none.</summary>
    public HashSet<QueueEntry>? Ephemeral { get; set; }

    /// <summary>Shared objects that it uses, by name.</summary>
    public Dictionary<string, StateUse> States { get; } = new(StringComparer.Ordinal);

    /// <summary>Memory segments that it uses. Null: none.</summary>
    public HashSet<SegmentEntry>? Segments { get; set; }

    /// <summary>It reads results that are in segments by itself.</summary>
    public bool MapsSegments { get; set; }

    /// <summary>Things that its waits for several watch.</summary>
    public int ReadyWatches { get; set; }

    /// <summary>Ends of pipes that it holds.</summary>
    public LinkedRing<PipeEnd, PipeEnd.OfSession> PipeEnds { get; } = new();

    /// <summary>The same, in the order of first use, which is that of their release.</summary>
    public LinkedRing<StateUse, StateUse.OfSession> StateUses { get; } = new();

    /// <summary>Its operations that wait, oldest first.</summary>
    public LinkedRing<Wait, Wait.OfSession> Waits { get; } = new();
}
