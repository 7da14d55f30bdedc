namespace Queued.Broker;

/// <summary>
/// A shared object: what happens to it when a session leaves it, or when it is deleted, and how it is shown. What
/// else can be done with it is its kind's.
/// </summary>
internal abstract class StateObject(string name, StateSettings settings, StateScope scope)
{
    public string Name { get; } = name;

    public StateSettings Settings { get; } = settings;

    /// <summary>It stays without users.</summary>
    public bool Keep { get; set; }

    public LinkedRing<StateUse, StateUse.OfObject> Users { get; } = new();

    /// <summary>Bytes of what is in it. Set by <see cref="StateScope.Resize"/> alone.</summary>
    public long Bytes { get; set; }

    /// <summary>Operations that wait for it.</summary>
    public virtual int Waiting => 0;

    /// <summary>Somebody holds it.</summary>
    public virtual bool IsHeld => false;

    protected StateScope Scope { get; } = scope;

    protected Turn Turn => Scope.Turn;

    /// <summary>The session has no waits left here; what it holds is given back.</summary>
    public virtual void Release(StateUse use)
    {
    }

    /// <summary>It is deleted: who waits hears why, and what is held is held no more.</summary>
    public virtual void End(Rejection reason)
    {
    }

    public virtual StateView View() => new()
    {
        Name = Name,
        Settings = Settings,
        Keep = Keep,
        Users = Users.Count,
        Waiting = Waiting,
        Bytes = Bytes,
    };

    /// <summary>Refuses all that stand in the line.</summary>
    protected void RefuseAll(LinkedRing<Wait, Wait.Links> line, Rejection reason)
    {
        while (line.First is { } wait) Scope.Waits.Refuse(wait, reason);
    }
}

/// <summary>A session's use of a shared object, and what it holds of it.</summary>
internal sealed class StateUse(SessionEntry session, StateObject state)
{
    private StateUse? _next;
    private StateUse? _previous;
    private StateUse? _nextOfSession;
    private StateUse? _previousOfSession;

    public SessionEntry Session { get; } = session;

    public StateObject State { get; } = state;

    /// <summary>Oldest first.</summary>
    public LinkedRing<Grant, Grant.OfUse> Grants { get; } = new();

    internal readonly struct OfObject : IRingLinks<StateUse>
    {
        public static ref StateUse? Next(StateUse item) => ref item._next;

        public static ref StateUse? Previous(StateUse item) => ref item._previous;
    }

    internal readonly struct OfSession : IRingLinks<StateUse>
    {
        public static ref StateUse? Next(StateUse item) => ref item._nextOfSession;

        public static ref StateUse? Previous(StateUse item) => ref item._previousOfSession;
    }
}

/// <summary>An operation that waits for a shared object.</summary>
internal abstract class StateWait(RequestId request, SessionEntry session, StateObject state) : Wait(request, session)
{
    public StateObject State { get; } = state;
}

/// <summary>A lock or permit that a session holds. Its deadline, where it has one, is the end of its lease.</summary>
internal sealed class Grant(ulong token, StateUse use, ulong owner, TimeSpan? lease, DateTimeOffset grantedAt) : Timed
{
    private Grant? _nextOfUse;
    private Grant? _previousOfUse;
    private Grant? _nextOfObject;
    private Grant? _previousOfObject;

    public ulong Token { get; } = token;

    public StateUse Use { get; } = use;

    /// <summary>Who of the session may acquire it again.</summary>
    public ulong Owner { get; } = owner;

    /// <summary>As it was asked for last. Null: it has none.</summary>
    public TimeSpan? Lease { get; set; } = lease;

    public DateTimeOffset GrantedAt { get; } = grantedAt;

    /// <summary>How often it was acquired.</summary>
    public int Depth { get; set; } = 1;

    internal readonly struct OfUse : IRingLinks<Grant>
    {
        public static ref Grant? Next(Grant item) => ref item._nextOfUse;

        public static ref Grant? Previous(Grant item) => ref item._previousOfUse;
    }

    internal readonly struct OfObject : IRingLinks<Grant>
    {
        public static ref Grant? Next(Grant item) => ref item._nextOfObject;

        public static ref Grant? Previous(Grant item) => ref item._previousOfObject;
    }
}
