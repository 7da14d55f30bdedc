using System.Text;

namespace Queued.Broker.Tests.Simulation;

internal sealed partial class StateWorld
{
    private const int SessionsMax = 5;

    private static readonly (string Name, StateSettings Settings)[] Objects =
    [
        ("lock", new StateSettings { Kind = StateKind.Lock }),
        ("rlock", new StateSettings { Kind = StateKind.RLock }),
        ("condition", new StateSettings { Kind = StateKind.Condition }),
        ("semaphore", new StateSettings { Kind = StateKind.Semaphore, Permits = 2 }),
        ("bounded", new StateSettings { Kind = StateKind.BoundedSemaphore, Permits = 2 }),
        ("event", new StateSettings { Kind = StateKind.Event }),
        ("flag", new StateSettings { Kind = StateKind.Event }),
        ("barrier", new StateSettings { Kind = StateKind.Barrier, Parties = 3 }),
        ("counter", new StateSettings { Kind = StateKind.Counter, Initial = 7 }),
        ("value", new StateSettings { Kind = StateKind.Value }),
        ("map", new StateSettings { Kind = StateKind.Map }),
        ("list", new StateSettings { Kind = StateKind.List }),
    ];

    private void Step()
    {
        var dice = _random.Below(100);
        if (dice < 4 || _sessions == 0) OpenSession();
        else if (dice < 7) EndSession(_random.Pick(_model.Sessions.DefaultIfEmpty(_sessions).ToArray()));
        else if (dice < 20) Advance(_random.Span(TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(20)).Ticks);
        else if (dice < 24) CancelWait();
        else if (dice < 26) Steer();
        else if (dice < 36) Use();
        else Operate(_random.Pick(_objects).Name, AnySession());
    }

    private void OpenSession()
    {
        if (_model.Sessions.Count() >= SessionsMax) return;
        var session = ++_sessions;
        Do(new Command.OpenSession(new SessionId(session), ""), () => _model.Open(session));
    }

    private void EndSession(long session)
    {
        if (!_model.Sessions.Contains(session)) return;
        Do(new Command.EndSession(new SessionId(session)), () => _model.End(session));
    }

    /// <summary>Now and then one that has ended, or was never there.</summary>
    private SessionId AnySession() => new(
        _random.Chance(0.02) ? _random.Between(1, (int)_sessions + 1)
        : _random.Pick(_model.Sessions.DefaultIfEmpty(_sessions).ToArray()));

    private void Use()
    {
        var (name, settings) = _random.Pick(_objects);
        if (_random.Chance(0.1))
        {
            var leave = new Command.LeaveState(NextRequest(), AnySession(), name);
            Do(leave, () => _model.Leave(leave));
            return;
        }

        if (_random.Chance(0.03)) settings = _random.Pick(Objects).Settings;
        var use = new Command.UseState(NextRequest(), AnySession(), name, settings, _random.Chance(0.05));
        Do(use, () => _model.Use(use));
    }

    private void CancelWait()
    {
        var waiting = _model.Waiting.Append(_requests).ToArray();
        var request = _random.Pick(waiting);
        Do(new Command.CancelWait(new RequestId(request)), () => _model.Cancel(request));
    }

    private void Steer()
    {
        var name = _random.Pick(_objects).Name;
        if (_random.Chance(0.5))
        {
            var delete = new Command.DeleteState(NextRequest(), name, _random.Chance(0.3));
            Do(delete, () => _model.Delete(delete));
        }
        else
        {
            var revoke = new Command.RevokeGrant(NextRequest(), name, AnyToken(AnySession(), name));
            Do(revoke, () => _model.Revoke(revoke));
        }
    }

    private void Operate(string name, SessionId session)
    {
        // Often the one that holds it, who has the most to do.
        if (_random.Chance(0.4) && _model.HolderOf(name) is > 0 and var holder) session = new SessionId(holder);

        // Now and then what is meant for another kind.
        var kind = _random.Chance(0.01) ? _random.Pick(Objects).Name : name;
        switch (kind)
        {
            case "lock" or "rlock" or "semaphore" or "bounded":
                Hold(name, session);
                break;
            case "condition":
                if (_random.Chance(0.5)) Hold(name, session);
                else Condition(name, session);
                break;
            case "event" or "flag" when _random.Chance(0.3):
                WaitAny(session);
                break;
            case "event" or "flag":
                Signal(name, session);
                break;
            case "barrier":
                Barrier(name, session);
                break;
            default:
                Contents(kind, name, session);
                break;
        }
    }

    private void Hold(string name, SessionId session)
    {
        switch (_random.Below(10))
        {
            case < 5:
                var acquire = new Command.Acquire(
                    NextRequest(), session, name, AnyWait(), _random.Chance(0.3) ? AnySpan() : null,
                    (ulong)_random.Below(2), name == "semaphore" && _random.Chance(0.3));
                Do(acquire, () => _model.Acquire(acquire));
                break;
            case < 9:
                var add = name == "semaphore" && _random.Chance(0.2) ? _random.Between(1, 3) : 0;
                var release = new Command.Release(NextRequest(), session, name, AnyToken(session, name), add);
                Do(release, () => _model.Release(release));
                break;
            default:
                var extend = new Command.ExtendGrant(
                    NextRequest(), session, name, AnyToken(session, name), AnySpan());
                Do(extend, () => _model.Extend(extend));
                break;
        }
    }

    private void Condition(string name, SessionId session)
    {
        if (_random.Chance(0.6))
        {
            var wait = new Command.WaitCondition(
                NextRequest(), session, name, AnyWait(), AnyToken(session, name));
            Do(wait, () => _model.WaitCondition(wait));
        }
        else
        {
            var notify = new Command.NotifyCondition(NextRequest(), session, name, _random.Chance(0.8) ? 1 : 0);
            Do(notify, () => _model.Notify(notify));
        }
    }

    private void Signal(string name, SessionId session)
    {
        if (_random.Chance(0.6))
        {
            var wait = new Command.WaitEvent(NextRequest(), session, name, AnyWait());
            Do(wait, () => _model.WaitEvent(wait));
        }
        else
        {
            var set = new Command.SetEvent(NextRequest(), session, name, _random.Chance(0.6));
            Do(set, () => _model.SetEvent(set));
        }
    }

    /// <summary>For events mostly; now and then for the same one twice, or for what is none.</summary>
    private void WaitAny(SessionId session)
    {
        var events = _objects.Where(one => one.Settings.Kind == StateKind.Event).Select(one => one.Name).ToArray();
        var targets = new WaitTarget[_random.Between(1, 3)];
        for (var at = 0; at < targets.Length; at++)
            targets[at] = new WaitTarget.Event(_random.Chance(0.05) || events.Length == 0
                ? _random.Pick(_objects).Name
                : _random.Pick(events));
        var any = new Command.WaitAny(NextRequest(), session, targets, AnyWait());
        Do(any, () => _model.WaitAny(any));
    }

    private void Barrier(string name, SessionId session)
    {
        if (_random.Chance(0.8))
        {
            var wait = new Command.WaitBarrier(NextRequest(), session, name, AnyWait());
            Do(wait, () => _model.WaitBarrier(wait));
        }
        else
        {
            var reset = new Command.ResetBarrier(NextRequest(), session, name, _random.Chance(0.2));
            Do(reset, () => _model.ResetBarrier(reset));
        }
    }

    private void Contents(string kind, string name, SessionId session)
    {
        switch (kind)
        {
            case "counter":
                var add = new Command.AddCounter(
                    NextRequest(), session, name, _random.Between(-3, 3),
                    _random.Chance(0.2) ? _random.Below(9) : null, _random.Chance(0.3) ? _random.Below(9) : null);
                Do(add, () => _model.Add(add));
                break;
            case "value" when _random.Chance(0.3):
                var read = new Command.ReadValue(NextRequest(), session, name);
                Do(read, () => _model.Read(read));
                break;
            case "value":
                var write = new Command.WriteValue(NextRequest(), session, name, AnyText(), AnyVersion());
                Do(write, () => _model.Write(write));
                break;
            case "map" when _random.Chance(0.3):
                var page = new Command.ReadMap(
                    NextRequest(), session, name, [], _random.Between(1, 4), _random.Pick(["", "a", "c", "x"]));
                Do(page, () => _model.Read(page));
                break;
            case "map":
                string[] keys = ["a", "b", "c", "d", "e"];
                var changes = keys.Where(_ => _random.Chance(0.4)).Select(key => new MapChange(
                    key, _random.Chance(0.3) ? null : AnyText(), _random.Chance(0.3) ? AnyVersion() : null));
                var put = new Command.WriteMap(
                    NextRequest(), session, name, changes.ToArray(), _random.Chance(0.1));
                Do(put, () => _model.Write(put));
                break;
            default:
                var isAppended = _random.Chance(0.3);
                var list = new Command.WriteList(NextRequest(), session, name)
                {
                    Start = isAppended ? 0 : _random.Between(-4, 4),
                    RemoveCount = isAppended ? 0 : _random.Below(3),
                    Items = Enumerable.Range(0, _random.Below(3)).Select(_ => AnyText()).ToArray(),
                    Append = isAppended,
                    Clear = _random.Chance(0.1),
                };
                Do(list, () => _model.Write(list));
                break;
        }
    }

    private RequestId NextRequest() => new(++_requests);

    private TimeSpan AnyWait() =>
        _random.Chance(0.2) ? TimeSpan.Zero : _random.Chance(0.3) ? TimeSpan.MaxValue : AnySpan();

    /// <summary>To the tick, so that no two deadlines are the same moment.</summary>
    private TimeSpan AnySpan() => _random.Span(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(30));

    private ulong AnyToken(SessionId session, string name)
    {
        if (_random.Chance(0.1)) return FirstToken + (ulong)_random.Below(60);
        var held = _model.TokensOf(session.Value, name).ToArray();
        return held.Length == 0 || _random.Chance(0.3) ? 0 : _random.Pick(held);
    }

    private ulong? AnyVersion() => _random.Chance(0.4) ? (ulong)_random.Below(6) : null;

    private TaskPayload AnyText() => new(Encoding.UTF8.GetBytes($"t{_random.Below(100)}"), "");
}
