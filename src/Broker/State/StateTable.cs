using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

/// <summary>
/// All shared objects by name, who uses them, and which command is for which kind. An object is there as long as a
/// session uses it, or until it is deleted where it is kept.
/// </summary>
internal sealed partial class StateTable(
    Turn turn, Waits waits, Readiness readiness, BrokerLimits limits, ulong firstToken)
{
    private const string Granting = "a lock, a semaphore or a condition";

    private readonly Dictionary<string, StateObject> _objects = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly StateScope _scope = new(turn, waits, readiness, limits, firstToken);

    /// <param name="session">Null: there is none of that number.</param>
    public void Apply(Command.StateCommand command, SessionEntry? session)
    {
        switch (command)
        {
            case Command.ListStates list: List(list); break;
            case Command.DeleteState delete: Delete(delete); break;
            case Command.RevokeGrant revoke: Revoke(revoke); break;
            default:
                if (session is null) turn.Refuse(command.Request, Rejections.SessionNotFound(command.Session));
                else ApplyToHeld(command, session);
                break;
        }
    }

    /// <summary>What the session may wait for among several things: an event that it uses, or that is kept.</summary>
    public EventObject? FindEvent(SessionEntry session, string name, out Rejection? missing)
    {
        var found = FindShared(session, name);
        missing = found is null ? Rejections.EventNotFound(name)
            : found is not EventObject ? StateRejections.WrongKind(found, "an event") with { Field = "event" }
            : !((EventObject)found).IsSet && found.Waiting >= limits.StateWaitsMax ? _scope.TooManyWait()
            : null;
        return missing is null ? (EventObject?)found : null;
    }

    /// <summary>The lease is over: the next one has it.</summary>
    public void LeaseDue(Grant grant)
    {
        var granting = (GrantingObject)grant.Use.State;
        if (turn.Mutant != Mutant.LoseLeasedGrant) granting.GiveBack(grant);
    }

    /// <summary>Commands of a session that uses the object, and may hold something of it.</summary>
    private void ApplyToHeld(Command.StateCommand command, SessionEntry session)
    {
        StateUse? use;
        switch (command)
        {
            case Command.UseState first:
                Use(first, session);
                break;
            case Command.LeaveState leave:
                Leave(leave, session);
                break;
            case Command.Acquire acquire:
                if (TryHold<GrantingObject>(acquire, session, Granting, out var granting, out use) &&
                    IsAllowed(acquire, StateRules.CheckLease(acquire.Lease, limits)))
                {
                    granting.Acquire(acquire, use);
                }

                break;
            case Command.Release release:
                if (TryHold(release, session, Granting, out granting, out use)) granting.Release(release, use);
                break;
            case Command.ExtendGrant extend:
                if (TryHold(extend, session, Granting, out granting, out use) &&
                    IsAllowed(extend, extend.Lease is null
                        ? Rejections.Invalid("lease", "The lease is not set, and there is nothing to extend it to.")
                        : StateRules.CheckLease(extend.Lease, limits)))
                {
                    granting.Extend(extend, use);
                }

                break;
            case Command.WaitCondition wait:
                if (TryHold<ConditionObject>(wait, session, "a condition", out var condition, out use))
                    condition.Wait(wait, use);
                break;
            case Command.NotifyCondition notify:
                if (TryHold(notify, session, "a condition", out condition, out use)) condition.Notify(notify, use);
                break;
            default:
                ApplyToShared(command, session);
                break;
        }
    }

    /// <summary>Commands after which nothing is held.</summary>
    private void ApplyToShared(Command.StateCommand command, SessionEntry session)
    {
        switch (command)
        {
            case Command.SetEvent set:
                if (TryFind<EventObject>(set, session, "an event", out var signal)) signal.Set(set);
                break;
            case Command.WaitEvent wait:
                if (TryFind(wait, session, "an event", out signal)) signal.Wait(wait, session);
                break;
            case Command.WaitBarrier wait:
                if (TryFind<BarrierObject>(wait, session, "a barrier", out var barrier)) barrier.Wait(wait, session);
                break;
            case Command.ResetBarrier reset:
                if (TryFind(reset, session, "a barrier", out barrier)) barrier.Reset(reset);
                break;
            case Command.AddCounter add:
                if (TryFind<CounterObject>(add, session, "a counter", out var counter)) counter.Add(add);
                break;
            case Command.ReadValue read:
                if (TryFind<ValueObject>(read, session, "a value", out var value)) value.Read(read);
                break;
            case Command.WriteValue write:
                if (TryFind(write, session, "a value", out value)) value.Write(write);
                break;
            case Command.ReadArray read:
                if (TryFind<ArrayObject>(read, session, "an array", out var array)) array.Read(read);
                break;
            case Command.WriteArray write:
                if (TryFind(write, session, "an array", out array)) array.Write(write);
                break;
            case Command.ReadMap read:
                if (TryFind<MapObject>(read, session, "a map", out var map)) map.Read(read);
                break;
            case Command.WriteMap write:
                if (TryFind(write, session, "a map", out map)) map.Write(write);
                break;
            case Command.ReadList read:
                if (TryFind<ListObject>(read, session, "a list", out var list)) list.Read(read);
                break;
            case Command.WriteList write:
                if (TryFind(write, session, "a list", out list)) list.Write(write);
                break;
            default:
                throw new NotSupportedException(command.GetType().Name);
        }
    }

    /// <summary>Finds what the session uses: what it takes will be released with that use.</summary>
    private bool TryHold<T>(
        Command.StateCommand command, SessionEntry session, string needed,
        [NotNullWhen(true)] out T? state, [NotNullWhen(true)] out StateUse? use)
        where T : StateObject
    {
        state = null;
        if (!session.States.TryGetValue(command.Name, out use))
        {
            turn.Refuse(command.Request, StateRejections.NotUsed(command.Name));
            return false;
        }

        state = use.State as T;
        if (state is null) turn.Refuse(command.Request, StateRejections.WrongKind(use.State, needed));
        return state is not null;
    }

    /// <summary>Finds what the session uses, or what is kept, which anybody may look at and change.</summary>
    private bool TryFind<T>(
        Command.StateCommand command, SessionEntry session, string needed, [NotNullWhen(true)] out T? state)
        where T : StateObject
    {
        state = null;
        if (FindShared(session, command.Name) is not { } found)
        {
            turn.Refuse(command.Request, StateRejections.NotUsed(command.Name));
            return false;
        }

        state = found as T;
        if (state is null) turn.Refuse(command.Request, StateRejections.WrongKind(found, needed));
        return state is not null;
    }

    private StateObject? FindShared(SessionEntry session, string name) =>
        session.States.TryGetValue(name, out var use) ? use.State
        : _objects.TryGetValue(name, out var kept) && kept.Keep ? kept
        : null;

    private bool IsAllowed(Command.StateCommand command, Rejection? refusal)
    {
        if (refusal is not null) turn.Refuse(command.Request, refusal);
        return refusal is null;
    }
}
