namespace Queued.Broker.Tests.Model;

/// <summary>What can be held, and waited for.</summary>
internal sealed partial class StateModel
{
    private static readonly StateKind[] Locks =
    [
        StateKind.Lock, StateKind.RLock, StateKind.Condition, StateKind.Semaphore, StateKind.BoundedSemaphore,
    ];

    public void Acquire(Command.Acquire command)
    {
        if (Find(command, isHolding: true, Locks) is not { } state) return;
        if (command.Consume && state.Settings.Kind != StateKind.Semaphore)
        {
            Reject(command, "INVALID_REQUEST");
            return;
        }

        var held = state.Settings.Kind is StateKind.RLock or StateKind.Condition
            ? state.Grants.Find(grant => grant.Session == command.Session.Value && grant.Owner == command.Owner)
            : null;
        if (held is not null)
        {
            held.Depth++;
            if (command.Lease is { } lease) StartLease(held, lease);
            Answer(command, $"acquired token={held.Token}");
            return;
        }

        var wait = new ModelWait
        {
            Request = command.Request.Value,
            Session = command.Session.Value,
            State = state,
            Owner = command.Owner,
            Lease = command.Lease,
            IsConsuming = command.Consume,
        };
        state.Line.Add(wait);
        Begin(wait, command.Wait);
        Serve(state);
        if (command.Wait == TimeSpan.Zero && _waits.Contains(wait)) Finish(wait, "not-acquired");
    }

    public void Release(Command.Release command)
    {
        if (Find(command, isHolding: true, Locks) is not { } state) return;
        var kind = state.Settings.Kind;
        var grant = command.Add > 0 ? null : Held(state, command, command.Token);
        if (grant is not null)
        {
            if (--grant.Depth == 0)
            {
                state.Grants.Remove(grant);
                state.Free++;
                Serve(state);
            }

            Answer(command, "done");
        }
        else if (command.Add == 0 && command.Token > 0)
        {
            Reject(command, "GRANT_STALE");
        }
        else if (kind == StateKind.Semaphore)
        {
            state.Free += Math.Max(1, command.Add);
            Serve(state);
            Answer(command, "done");
        }
        else
        {
            Reject(
                command,
                kind == StateKind.BoundedSemaphore ? "PERMITS_EXCEEDED"
                : command.Add > 0 ? "INVALID_REQUEST"
                : "NOT_HELD");
        }
    }

    public void Extend(Command.ExtendGrant command)
    {
        if (Find(command, isHolding: true, Locks) is not { } state) return;
        if (Held(state, command, command.Token) is { } grant)
        {
            StartLease(grant, command.Lease!.Value);
            Answer(command, "done");
        }
        else
        {
            Reject(command, command.Token == 0 ? "NOT_HELD" : "GRANT_STALE");
        }
    }

    public void WaitCondition(Command.WaitCondition command)
    {
        if (Find(command, isHolding: true, StateKind.Condition) is not { } state) return;
        if (Held(state, command, command.Token) is not { } grant)
        {
            Reject(command, command.Token == 0 ? "NOT_HELD" : "GRANT_STALE");
            return;
        }

        var wait = new ModelWait
        {
            Request = command.Request.Value,
            Session = command.Session.Value,
            State = state,
            Owner = grant.Owner,
            Lease = grant.Lease,
            Depth = grant.Depth,
            IsOfCondition = true,
        };
        state.Sleepers.Add(wait);
        Begin(wait, command.Wait);
        state.Grants.Remove(grant);
        state.Free++;
        if (command.Wait == TimeSpan.Zero) TimeIsOver(wait);
        else Serve(state);
    }

    public void Notify(Command.NotifyCondition command)
    {
        if (Find(command, isHolding: true, StateKind.Condition) is not { } state) return;
        if (!state.Grants.Exists(grant => grant.Session == command.Session.Value))
        {
            Reject(command, "NOT_HELD");
            return;
        }

        var woken = state.Sleepers.Take(command.Count == 0 ? int.MaxValue : command.Count).ToArray();
        foreach (var wait in woken) Wake(wait, isNotified: true);
        Answer(command, $"woken {woken.Length}");
    }

    public void SetEvent(Command.SetEvent command)
    {
        if (Find(command, isHolding: false, StateKind.Event) is not { } state) return;
        state.IsSet = !command.Clear;
        if (state.IsSet)
        {
            foreach (var wait in state.Line.ToArray()) Finish(wait, "set");
            TellWatches(state);
        }

        Answer(command, "done");
    }

    public void WaitEvent(Command.WaitEvent command)
    {
        if (Find(command, isHolding: false, StateKind.Event) is not { } state) return;
        if (state.IsSet) Answer(command, "set");
        else if (command.Wait == TimeSpan.Zero) Answer(command, "not-set");
        else StandInLine(command, state, command.Wait);
    }

    public void WaitBarrier(Command.WaitBarrier command)
    {
        if (Find(command, isHolding: false, StateKind.Barrier) is not { } state) return;
        if (state.IsBroken)
        {
            Reject(command, "BARRIER_BROKEN");
            return;
        }

        StandInLine(command, state, command.Wait);
        if (state.Line.Count == state.Settings.Parties)
        {
            var place = 0;
            foreach (var wait in state.Line.ToArray()) Finish(wait, $"passed place={place++}");
        }
        else if (command.Wait == TimeSpan.Zero)
        {
            Break(state);
        }
    }

    public void ResetBarrier(Command.ResetBarrier command)
    {
        if (Find(command, isHolding: false, StateKind.Barrier) is not { } state) return;
        Break(state);
        state.IsBroken = command.Abort;
        Answer(command, "done");
    }

    private void StandInLine(Command.StateCommand command, ModelState state, TimeSpan time)
    {
        var wait = new ModelWait { Request = command.Request.Value, Session = command.Session.Value, State = state };
        state.Line.Add(wait);
        Begin(wait, time);
    }

    private void Begin(ModelWait wait, TimeSpan time)
    {
        wait.Due = time == TimeSpan.MaxValue ? long.MaxValue : _now + time.Ticks;
        _waits.Add(wait);
    }

    private void TimeIsOver(ModelWait wait)
    {
        if (wait.IsOfCondition)
        {
            if (wait.State.Sleepers.Contains(wait)) Wake(wait, isNotified: false);
            return;
        }

        switch (wait.State.Settings.Kind)
        {
            case StateKind.Event when wait.Watched is not null:
                Finish(wait, "ready none");
                break;
            case StateKind.Event:
                Finish(wait, "not-set");
                break;
            case StateKind.Barrier:
                Refuse(wait, "BARRIER_BROKEN");
                break;
            default:
                Finish(wait, "not-acquired");
                break;
        }
    }

    /// <summary>It goes without what it waited for, and the others feel it before it is told.</summary>
    private void Refuse(ModelWait wait, string reason)
    {
        var state = wait.State;
        state.Line.Remove(wait);
        state.Sleepers.Remove(wait);
        _waits.Remove(wait);
        if (state.Settings.Kind == StateKind.Barrier) Break(state);
        if (wait.IsNotified && state.Sleepers.Count > 0) Wake(state.Sleepers[0], isNotified: true);
        Answers.Add((wait.Request, $"rejected {reason}"));
    }

    private void Finish(ModelWait wait, string text)
    {
        wait.State.Line.Remove(wait);
        wait.State.Sleepers.Remove(wait);
        _waits.Remove(wait);
        Answers.Add((wait.Request, text));
    }

    private void Break(ModelState state)
    {
        state.IsBroken = true;
        foreach (var wait in state.Line.ToArray()) Finish(wait, "rejected BARRIER_BROKEN");
    }

    private void Wake(ModelWait wait, bool isNotified)
    {
        var state = wait.State;
        state.Sleepers.Remove(wait);
        state.Line.Add(wait);
        wait.IsNotified = isNotified;
        wait.Due = long.MaxValue;
        Serve(state);
    }

    private void Serve(ModelState state)
    {
        while (state.Grantable && state.Free > 0 && state.Line.Count > 0)
        {
            var wait = state.Line[0];
            state.Free--;
            if (wait.IsConsuming)
            {
                Finish(wait, "acquired token=0");
                continue;
            }

            var grant = new ModelGrant
            {
                Token = _nextToken++,
                Session = wait.Session,
                Owner = wait.Owner,
                Depth = wait.Depth,
            };
            if (wait.Lease is { } lease) StartLease(grant, lease);
            state.Grants.Add(grant);
            Finish(wait, wait.IsOfCondition
                ? $"{(wait.IsNotified ? "notified" : "not-notified")} token={grant.Token}"
                : $"acquired token={grant.Token}");
        }
    }

    private void StartLease(ModelGrant grant, TimeSpan lease)
    {
        grant.Lease = lease;
        grant.Until = _now + lease.Ticks;
    }

    /// <summary>A grant of the session: the one of that number, or its oldest.</summary>
    private static ModelGrant? Held(ModelState state, Command.StateCommand command, ulong token) =>
        state.Grants.Find(grant =>
            grant.Session == command.Session.Value && (token == 0 || grant.Token == token));
}
