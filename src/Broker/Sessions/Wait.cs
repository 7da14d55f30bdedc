namespace Queued.Broker;

/// <summary>
/// An operation that waits. It has one reply, when it got what it waits for, when its time is over, or when somebody
/// ends it; and it stands in the list of what it waits for until then, in the order of coming.
/// </summary>
internal abstract class Wait(RequestId request, SessionEntry session) : Timed
{
    private Wait? _nextOfSession;
    private Wait? _previousOfSession;
    private Wait? _next;
    private Wait? _previous;

    public RequestId Request { get; } = request;

    public SessionEntry Session { get; } = session;

    /// <summary>It has no reply yet.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Payload bytes that are kept for it. Set by <see cref="Waits.Keep"/> alone.</summary>
    public long KeptBytes { get; set; }

    /// <summary>
    /// Leaves the list that it stands in, and gives back what it has got so far. It is not replied to here.
    /// </summary>
    public abstract void Leave();

    /// <summary>
    /// Its time is over, or it was called off. True: it may be answered only when something else has come as well, for
    /// which it now waits, however long; or it has been answered by now.
    /// </summary>
    public virtual bool GoOn() => false;

    /// <summary>What it is told when its time is over. Called before <see cref="Leave"/>.</summary>
    public abstract Response Expire();

    /// <summary>What it is told when somebody ends it. Called before <see cref="Leave"/>.</summary>
    public virtual Response Refuse(Rejection rejection) => new Response.Rejected(rejection);

    /// <summary>Those of its session.</summary>
    internal readonly struct OfSession : IRingLinks<Wait>
    {
        public static ref Wait? Next(Wait item) => ref item._nextOfSession;

        public static ref Wait? Previous(Wait item) => ref item._previousOfSession;
    }

    /// <summary>Those that wait for the same thing.</summary>
    internal readonly struct Links : IRingLinks<Wait>
    {
        public static ref Wait? Next(Wait item) => ref item._next;

        public static ref Wait? Previous(Wait item) => ref item._previous;
    }
}
