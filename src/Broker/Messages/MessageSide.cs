namespace Queued.Broker;

/// <summary>What a queue has beyond its entries where these are messages: who waits, and who holds.</summary>
/// <param name="queue">Whose side it is.</param>
/// <param name="unserved">Where it puts itself when something has changed for those who wait.</param>
internal sealed class MessageSide(QueueEntry queue, List<MessageSide> unserved) : IReadySource
{
    private bool _isMarked;

    public QueueEntry Queue { get; } = queue;

    /// <summary>It goes, with all in it, when nobody uses it any more.</summary>
    public bool IsEphemeral { get; init; }

    /// <summary>Sessions that use it, known where it is ephemeral. Null: none ever did.</summary>
    public HashSet<SessionEntry>? Users { get; set; }

    /// <summary>One of its messages was put under a key, which may be remembered still.</summary>
    public bool HadKeys { get; set; }

    /// <summary>Those that wait for a message, in the order of coming.</summary>
    public LinkedRing<Wait, Wait.Links> Getters { get; } = new();

    /// <summary>Those that wait for room, in the order of coming.</summary>
    public LinkedRing<Wait, Wait.Links> Putters { get; } = new();

    /// <summary>Those that wait until nothing is left.</summary>
    public LinkedRing<Wait, Wait.Links> Joiners { get; } = new();

    public LinkedRing<ReadyWatch, ReadyWatch.OfSource>? Watches { get; set; }

    /// <summary>A get would not wait: there is a message, or none will come.</summary>
    public bool IsReady => Queue.CanGive || Queue.IsDrained;

    /// <summary>Leases of its messages, over all sessions.</summary>
    public LinkedRing<MessageLease, MessageLease.OfQueue> Held { get; } = new();

    /// <summary>Payload bytes of those.</summary>
    public long HeldBytes { get; set; }

    /// <summary>Something has changed; at the end of the turn those who wait are looked at.</summary>
    public void Mark()
    {
        if (_isMarked || Getters.Count + Putters.Count + Joiners.Count + (Watches?.Count ?? 0) == 0) return;
        _isMarked = true;
        unserved.Add(this);
    }

    public void Unmark() => _isMarked = false;
}
