namespace Queued.Broker;

/// <summary>
/// Something that several may wait for at once without taking it. Whoever changes it tells
/// <see cref="Readiness.BecameReady"/> when the change has settled (those who take from it were served first), and
/// <see cref="Readiness.Gone"/> when it ends.
/// </summary>
internal interface IReadySource
{
    /// <summary>It can be had now, or has ended.</summary>
    bool IsReady { get; }

    /// <summary>Who waits for it. Null: nobody has yet.</summary>
    LinkedRing<ReadyWatch, ReadyWatch.OfSource>? Watches { get; set; }
}

/// <summary>One thing that one <see cref="ReadyWait"/> waits for, in the list of that thing.</summary>
internal sealed class ReadyWatch(ReadyWait wait, IReadySource source)
{
    private ReadyWatch? _next;
    private ReadyWatch? _previous;

    public ReadyWait Wait { get; } = wait;

    public IReadySource Source { get; } = source;

    internal readonly struct OfSource : IRingLinks<ReadyWatch>
    {
        public static ref ReadyWatch? Next(ReadyWatch item) => ref item._next;

        public static ref ReadyWatch? Previous(ReadyWatch item) => ref item._previous;
    }
}

/// <summary>Waits for the first of several things. It stands in the lists of all of them.</summary>
internal sealed class ReadyWait : Wait
{
    private readonly ReadyWatch[] _watches;

    private readonly bool _isPoll;

    /// <param name="request">Who is answered.</param>
    /// <param name="session">Whose it is.</param>
    /// <param name="sources">What it waits for.</param>
    /// <param name="isPoll">The request names no list of targets, but one thing.</param>
    public ReadyWait(RequestId request, SessionEntry session, IReadOnlyList<IReadySource> sources, bool isPoll)
        : base(request, session)
    {
        _isPoll = isPoll;
        _watches = new ReadyWatch[sources.Count];
        for (var at = 0; at < _watches.Length; at++)
        {
            _watches[at] = new ReadyWatch(this, sources[at]);
            (sources[at].Watches ??= new()).AddLast(_watches[at]);
        }

        session.ReadyWatches += _watches.Length;
    }

    public override void Leave()
    {
        foreach (var watch in _watches) watch.Source.Watches!.Remove(watch);
        Session.ReadyWatches -= _watches.Length;
    }

    public override Response Expire() => new Response.Ready([]);

    public int WatchCount => _watches.Length;

    public bool IsFor(IReadySource source) => Array.Exists(_watches, watch => watch.Source == source);

    /// <summary>Why it cannot be waited for any more, and which of the targets it is.</summary>
    public Rejection At(IReadySource source, Rejection rejection) => _isPoll ? rejection : rejection with
    {
        Field = $"targets[{Array.FindIndex(_watches, watch => watch.Source == source)}]",
    };

    public Response ReadyNow() => Readiness.Of([.. _watches.Select(watch => watch.Source)]);
}
