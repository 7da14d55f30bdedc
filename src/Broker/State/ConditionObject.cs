namespace Queued.Broker;

/// <summary>
/// A lock, and operations that wait to be notified. Who was notified, or waits no longer, stands in line for the lock
/// as everybody does.
/// </summary>
internal sealed class ConditionObject(string name, StateSettings settings, StateScope scope)
    : ReentrantLockObject(name, settings, scope)
{
    public override int Waiting => Line.Count + Sleeping.Count;

    /// <summary>Those that wait to be notified.</summary>
    public LinkedRing<Wait, Wait.Links> Sleeping { get; } = new();

    public void Wait(Command.WaitCondition command, StateUse use)
    {
        if (!TryFindGrant(use, command.Token, out var grant, out var refusal))
        {
            Turn.Refuse(command.Request, refusal!);
            return;
        }

        // Who does not wait lets go of the lock all the same, for those that stand in line for it.
        var isAsleep = command.Wait > TimeSpan.Zero;
        var depth = Turn.Mutant == Mutant.ForgetDepth ? 1 : grant!.Depth;
        var wait = new ConditionWait(command.Request, this, grant!, depth) { IsAsleep = isAsleep };
        var time = isAsleep ? command.Wait : TimeSpan.MaxValue;
        if (Scope.TryWait(wait, time, isAsleep ? Sleeping : Line)) GiveBack(grant!);
    }

    public void Notify(Command.NotifyCondition notify, StateUse use)
    {
        if (use.Grants.First is null)
        {
            Turn.Refuse(notify.Request, StateRejections.NotHeld(this));
            return;
        }

        var woken = 0;
        while (Sleeping.First is ConditionWait wait && (notify.Count == 0 || woken < notify.Count))
        {
            woken++;
            Wake(wait, isNotified: true);
        }

        Turn.Reply(notify.Request, new Response.Notified(woken));
    }

    /// <summary>It waits for the lock alone from now on, however long.</summary>
    public void Wake(ConditionWait wait, bool isNotified)
    {
        Sleeping.Remove(wait);
        wait.IsAsleep = false;
        wait.IsNotified = isNotified;
        Turn.SetTimer(wait, Instant.Never);
        Enter(wait);
    }

    /// <summary>It is there no more, and what it was told is told to the next.</summary>
    public void Leave(ConditionWait wait)
    {
        (wait.IsAsleep ? Sleeping : Line).Remove(wait);
        var isLost = wait.IsNotified && Turn.Mutant != Mutant.LoseNotification;
        if (isLost && Sleeping.First is ConditionWait next) Wake(next, isNotified: true);
    }

    public override void End(Rejection reason)
    {
        RefuseAll(Sleeping, reason);
        base.End(reason);
    }
}

/// <summary>
/// An operation that waits to be notified, and then for the lock, which it has before it is answered.
/// </summary>
internal sealed class ConditionWait(RequestId request, ConditionObject condition, Grant released, int depth)
    : GrantWait(request, released.Use, released.Owner, released.Lease)
{
    public override int Depth => depth;

    public bool IsAsleep { get; set; }

    public bool IsNotified { get; set; }

    public override Response Granted(ulong token) => new Response.ConditionWaited(IsNotified, token);

    public override bool GoOn()
    {
        if (IsAsleep) condition.Wake(this, isNotified: false);
        return true;
    }

    public override void Leave() => condition.Leave(this);

    public override Response Expire() =>
        throw new InvariantException("The wait of a condition ends with its lock.");
}
