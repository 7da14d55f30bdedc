namespace Queued.Broker;

/// <summary>
/// Something of which there are permits, one for a lock: they are granted in the order of coming, and whoever waits
/// does so because none is free.
/// </summary>
internal abstract class GrantingObject : StateObject
{
    private const int GrantsShown = 100;

    private readonly LinkedRing<Grant, Grant.OfObject> _held = new();

    protected GrantingObject(string name, StateSettings settings, StateScope scope, int permits)
        : base(name, settings, scope) => Free = permits;

    /// <summary>Permits that nobody holds.</summary>
    public int Free { get; protected set; }

    public int Held => _held.Count;

    public override int Waiting => Line.Count;

    public override bool IsHeld => _held.Count > 0;

    public LinkedRing<Wait, Wait.Links> Line { get; } = new();

    public void Acquire(Command.Acquire acquire, StateUse use)
    {
        if (acquire.Consume && Settings.Kind != StateKind.Semaphore)
        {
            Turn.Refuse(acquire.Request, Rejections.Invalid(
                "consume", $"Only permits of a semaphore without a bound can be consumed; '{Name}' is none."));
        }
        else if (AcquireAgain(use, acquire.Owner) is { } grant)
        {
            if (acquire.Lease is not null) StartLease(grant, acquire.Lease);
            Turn.Reply(acquire.Request, new Response.Acquired(Name, true, grant.Token));
        }
        else if (Free > 0 && acquire.Consume)
        {
            Free--;
            Turn.Reply(acquire.Request, new Response.Acquired(Name, true, 0));
        }
        else if (Free > 0)
        {
            var token = Give(use, acquire.Owner, acquire.Lease).Token;
            Turn.Reply(acquire.Request, new Response.Acquired(Name, true, token));
        }
        else if (acquire.Wait == TimeSpan.Zero)
        {
            Turn.Reply(acquire.Request, new Response.Acquired(Name, false, 0));
        }
        else
        {
            Scope.TryWait(new AcquireWait(acquire, use, this), acquire.Wait, Line);
        }
    }

    public void Release(Command.Release release, StateUse use)
    {
        Rejection? refusal;
        if (release.Add != 0)
        {
            refusal = AddPermits(release.Add);
        }
        else if (TryFindGrant(use, release.Token, out var grant, out refusal))
        {
            if (--grant!.Depth == 0) GiveBack(grant);
        }
        else if (release.Token == 0)
        {
            refusal = ReleaseWithoutGrant(refusal!);
        }

        if (refusal is null) Turn.Reply(release.Request, new Response.Done());
        else Turn.Refuse(release.Request, refusal);
    }

    public void Extend(Command.ExtendGrant extend, StateUse use)
    {
        if (!TryFindGrant(use, extend.Token, out var grant, out var refusal))
        {
            Turn.Refuse(extend.Request, refusal!);
            return;
        }

        StartLease(grant!, extend.Lease);
        Turn.Reply(extend.Request, new Response.Done());
    }

    public void Revoke(Command.RevokeGrant revoke)
    {
        var grant = revoke.Token == 0 ? _held.First : Scope.Find(revoke.Token);
        if (grant?.Use.State != this)
        {
            Turn.Refuse(
                revoke.Request,
                revoke.Token == 0 ? StateRejections.NotHeld(this) : StateRejections.Stale(this, revoke.Token));
            return;
        }

        GiveBack(grant);
        Turn.Reply(revoke.Request, new Response.GrantRevoked(grant.Token));
    }

    /// <summary>It is held no more, and who has waited longest has it.</summary>
    public void GiveBack(Grant grant)
    {
        TakeBack(grant);
        Serve();
    }

    public override void Release(StateUse use)
    {
        if (Turn.Mutant == Mutant.KeepGrantOfDead) return;
        while (use.Grants.First is { } grant) TakeBack(grant);
        Serve();
    }

    public override void End(Rejection reason)
    {
        RefuseAll(Line, reason);
        while (_held.First is { } grant) TakeBack(grant);
    }

    public override StateView View()
    {
        var grants = new List<GrantView>();
        for (var grant = _held.First; grant is not null && grants.Count < GrantsShown;)
        {
            DateTimeOffset? until = grant.HasTimer ? Turn.Now.Wall + (Turn.DueOf(grant) - Turn.Now.Monotonic) : null;
            var holder = grant.Use.Session;
            grants.Add(new GrantView(
                grant.Token, holder.Name.Length > 0 ? holder.Name : holder.Id.ToString(), grant.GrantedAt, until,
                grant.Depth));
            grant = LinkedRing<Grant, Grant.OfObject>.After(grant);
        }

        return base.View() with { Grants = grants, Count = Free };
    }

    /// <summary>The grant that the same one has already and acquires once more. Null: there is none.</summary>
    protected virtual Grant? AcquireAgain(StateUse use, ulong owner) => null;

    /// <summary>A release by a session that holds nothing of it.</summary>
    /// <returns>Null: it was no mistake.</returns>
    protected virtual Rejection? ReleaseWithoutGrant(Rejection notHeld) => notHeld;

    /// <returns>Null: there are so many more.</returns>
    protected virtual Rejection? AddPermits(int count) => Rejections.Invalid(
        "add_permits", $"Only a semaphore without a bound takes more permits; '{Name}' is none.");

    /// <summary>Stands in line for it, or has it at once.</summary>
    protected void Enter(GrantWait wait)
    {
        Line.AddLast(wait);
        Serve();
    }

    protected void Serve()
    {
        while (Free > 0 && Line.First is GrantWait wait)
        {
            Line.Remove(wait);
            if (wait.Consumes)
            {
                Free--;
                Scope.Waits.End(wait, wait.Granted(0));
                continue;
            }

            var grant = Give(wait.Use, wait.Owner, wait.Lease);
            grant.Depth = wait.Depth;
            Scope.Waits.End(wait, wait.Granted(grant.Token));
        }
    }

    protected bool TryFindGrant(StateUse use, ulong token, out Grant? grant, out Rejection? refusal)
    {
        grant = token == 0 ? use.Grants.First : Scope.Find(token);
        refusal = grant is not null && grant.Use == use ? null
            : token == 0 ? StateRejections.NotHeld(this)
            : StateRejections.Stale(this, token);
        return refusal is null;
    }

    protected void TakeBack(Grant grant)
    {
        Turn.SetTimer(grant, Instant.Never);
        Scope.Remove(grant);
        _held.Remove(grant);
        grant.Use.Grants.Remove(grant);
        Free++;
    }

    private Grant Give(StateUse use, ulong owner, TimeSpan? lease)
    {
        Invariant.Require(Free > 0);
        Free--;
        var grant = new Grant(Scope.NextToken(), use, owner, lease, Turn.Now.Wall);
        Scope.Add(grant);
        _held.AddLast(grant);
        use.Grants.AddLast(grant);
        StartLease(grant, lease);
        return grant;
    }

    private void StartLease(Grant grant, TimeSpan? lease)
    {
        grant.Lease = lease;
        Turn.SetTimer(grant, lease is { } span ? Turn.Now.Monotonic + span : Instant.Never);
    }
}

/// <summary>An operation that stands in line for a grant.</summary>
internal abstract class GrantWait(RequestId request, StateUse use, ulong owner, TimeSpan? lease)
    : StateWait(request, use.Session, use.State)
{
    public StateUse Use { get; } = use;

    public ulong Owner { get; } = owner;

    public TimeSpan? Lease { get; } = lease;

    /// <summary>Nobody holds what it gets.</summary>
    public virtual bool Consumes => false;

    /// <summary>How often it holds the lock, once it does.</summary>
    public virtual int Depth => 1;

    /// <summary>What it is told when it has it.</summary>
    public abstract Response Granted(ulong token);
}

internal sealed class AcquireWait(Command.Acquire acquire, StateUse use, GrantingObject granting)
    : GrantWait(acquire.Request, use, acquire.Owner, acquire.Lease)
{
    public override bool Consumes { get; } = acquire.Consume;

    public override Response Granted(ulong token) => new Response.Acquired(State.Name, true, token);

    // Nobody behind it has more than before: what it waited for is not free.
    public override void Leave() => granting.Line.Remove(this);

    public override Response Expire() => new Response.Acquired(State.Name, false, 0);
}
