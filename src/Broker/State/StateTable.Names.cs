namespace Queued.Broker;

/// <summary>How objects come and go.</summary>
internal sealed partial class StateTable
{
    /// <summary>
    /// The session has ended, and waits for nothing any more: what it holds goes to those that wait for it.
    /// </summary>
    public void Leave(SessionEntry session)
    {
        while (session.StateUses.First is { } use) Leave(use);
    }

    private void Use(Command.UseState command, SessionEntry session)
    {
        var isThere = _objects.TryGetValue(command.Name, out var state);
        var refusal = StateRules.Check(command.Name, command.Settings, limits) ??
            (isThere ? CheckSame(state!, command.Settings) : CheckRoom(command.Settings));
        if (refusal is not null)
        {
            turn.Refuse(command.Request, refusal);
            return;
        }

        state ??= Add(command.Name, command.Settings);
        state.Keep |= command.Keep;
        if (!session.States.ContainsKey(state.Name))
        {
            var use = new StateUse(session, state);
            session.States.Add(state.Name, use);
            session.StateUses.AddLast(use);
            state.Users.AddLast(use);
        }

        turn.Reply(command.Request, new Response.StateUsed(!isThere));
    }

    private void Leave(Command.LeaveState command, SessionEntry session)
    {
        if (!session.States.TryGetValue(command.Name, out var use))
        {
            turn.Refuse(command.Request, StateRejections.NotUsed(command.Name));
            return;
        }

        EndWaits(session, use.State);
        Leave(use);
        turn.Reply(command.Request, new Response.Done());
    }

    private void Leave(StateUse use)
    {
        var state = use.State;
        state.Release(use);
        Forget(use);
        if (state.Users.Count == 0 && !state.Keep) Remove(state);
    }

    private static void Forget(StateUse use)
    {
        use.Session.States.Remove(use.State.Name);
        use.Session.StateUses.Remove(use);
        use.State.Users.Remove(use);
    }

    private void Delete(Command.DeleteState command)
    {
        if (!_objects.TryGetValue(command.Name, out var state))
        {
            turn.Refuse(command.Request, StateRejections.NotThere(command.Name));
            return;
        }

        if (!command.Force && (state.IsHeld || state.Waiting > 0))
        {
            turn.Refuse(command.Request, StateRejections.InUse(state));
            return;
        }

        state.End(StateRejections.NotThere(state.Name));
        while (state.Users.First is { } use) Forget(use);

        Remove(state);
        turn.Reply(command.Request, new Response.Done());
    }

    private void Revoke(Command.RevokeGrant command)
    {
        if (!_objects.TryGetValue(command.Name, out var state))
            turn.Refuse(command.Request, StateRejections.NotThere(command.Name));
        else if (state is GrantingObject granting) granting.Revoke(command);
        else turn.Refuse(command.Request, StateRejections.WrongKind(state, Granting));
    }

    private void List(Command.ListStates command)
    {
        if (command.PageSize < 1 || command.PageSize > limits.PageSizeMax)
        {
            turn.Refuse(command.Request, Rejections.Invalid(
                "page_size", $"The page_size must be between 1 and {limits.PageSizeMax}."));
            return;
        }

        var views = new List<StateView>();
        var (looked, last, next) = (0, "", "");
        var names = command.Name.Length == 0 ? NamePage.After(_names, command.After)
            : _objects.ContainsKey(command.Name) ? [command.Name]
            : [];
        foreach (var name in names)
        {
            if (views.Count == command.PageSize || looked++ == limits.PageScanMax)
            {
                next = last;
                break;
            }

            last = name;
            var state = _objects[name];
            if (command.Kinds.Count == 0 || command.Kinds.Contains(state.Settings.Kind)) views.Add(state.View());
        }

        turn.Reply(command.Request, new Response.StatePage(views, next));
    }

    /// <summary>Looks at the session's own waits alone.</summary>
    private void EndWaits(SessionEntry session, StateObject state)
    {
        var ending = new List<Wait>();
        for (var wait = session.Waits.First; wait is not null; wait = LinkedRing<Wait, Wait.OfSession>.After(wait))
        {
            if ((wait is StateWait of && of.State == state) || IsReadyWaitFor(wait, state)) ending.Add(wait);
        }

        foreach (var wait in ending)
        {
            // The end of one may have been that of another.
            if (!wait.IsOpen) continue;
            var reason = StateRejections.NotUsed(state.Name);
            waits.Refuse(wait, wait is ReadyWait ready ? ready.At((IReadySource)state, reason) : reason);
        }
    }

    private bool IsReadyWaitFor(Wait wait, StateObject state) =>
        wait is ReadyWait ready && state is IReadySource source && ready.IsFor(source) &&
        turn.Mutant != Mutant.KeepWatchesOfLeft;

    private StateObject Add(string name, StateSettings settings)
    {
        var state = Make(name, settings);
        Invariant.Require(_scope.Resize(state, ArrayObject.BytesOf(settings)) is null);
        _objects.Add(name, state);
        _names.Add(name);
        return state;
    }

    private void Remove(StateObject state)
    {
        Invariant.Require(!state.IsHeld || turn.Mutant != Mutant.None);
        _scope.Resize(state, 0);
        _objects.Remove(state.Name);
        _names.Remove(state.Name);
    }

    private static Rejection? CheckSame(StateObject state, StateSettings settings) =>
        state.Settings.Kind != settings.Kind
            ? StateRejections.WrongKind(state, "one of the kind that is asked for")
            : StateRules.Difference(state.Settings, settings) is { } field
                ? StateRejections.Conflict(state, field)
                : null;

    private Rejection? CheckRoom(StateSettings settings) =>
        _objects.Count >= limits.StatesMax
            ? Rejections.Limit(nameof(BrokerLimits.StatesMax), limits.StatesMax, "shared objects")
            : ArrayObject.BytesOf(settings) > limits.StateBytesMax
                ? Rejections.Invalid(
                    "length",
                    $"An array of {settings.Length} elements of {settings.ElementBytes} bytes is larger than " +
                    $"{limits.StateBytesMax} bytes ({nameof(BrokerLimits.StateBytesMax)}). Use shared memory.")
                    with
                { Resource = nameof(BrokerLimits.StateBytesMax) }
                : _scope.CheckTotal(ArrayObject.BytesOf(settings));

    private StateObject Make(string name, StateSettings settings) => settings.Kind switch
    {
        StateKind.Lock => new LockObject(name, settings, _scope),
        StateKind.RLock => new ReentrantLockObject(name, settings, _scope),
        StateKind.Semaphore or StateKind.BoundedSemaphore => new SemaphoreObject(name, settings, _scope),
        StateKind.Event => new EventObject(name, settings, _scope),
        StateKind.Condition => new ConditionObject(name, settings, _scope),
        StateKind.Barrier => new BarrierObject(name, settings, _scope),
        StateKind.Counter => new CounterObject(name, settings, _scope),
        StateKind.Value => new ValueObject(name, settings, _scope),
        StateKind.Array => new ArrayObject(name, settings, _scope),
        StateKind.Map => new MapObject(name, settings, _scope),
        StateKind.List => new ListObject(name, settings, _scope),
        _ => throw new NotSupportedException(settings.Kind.ToString()),
    };
}
