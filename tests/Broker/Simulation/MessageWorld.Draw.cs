using Queued.Broker.Tests.Model;

namespace Queued.Broker.Tests.Simulation;

internal sealed partial class MessageWorld
{
    private void Draw()
    {
        if (_sessions.Count == 0 || _random.Chance(0.04)) OpenSession();
        var (session, name) = (_random.Pick(_sessions), _random.Pick(QueueNames));
        switch (_random.Below(100))
        {
            case < 26: DrawPut(session, name); break;
            case < 53: DrawGet(session, name); break;
            case < 58: DrawWaitAny(session); break;
            case < 72: DrawSettle(session); break;
            case < 78: Advance(_random.Milliseconds(1, 20_000)); break;
            case < 82: DrawUse(session, name); break;
            case < 83: DrawLeave(session, name); break;
            case < 86: DrawJoin(session, name); break;
            case < 89: DrawCancelWait(); break;
            case < 92: EndSession(session); break;
            case < 95:
                Steer(name, _random.Pick<QueueState>([QueueState.Active, QueueState.Active, QueueState.Paused,
                    QueueState.Draining]));
                break;
            case < 97: DrawRemoval(name); break;
            case < 98: DrawCancel(name); break;
            default:
                if (_random.Chance(0.4)) Crash(_random.Milliseconds(1, 60_000));
                break;
        }
    }

    private SessionId OpenSession()
    {
        var session = new SessionId(++_lastSession);
        _sessions.Add(session);
        Turn($"open {session}", new Command.OpenSession(session, ""), () => _model.Open(session));
        return session;
    }

    private void EndSession(SessionId session)
    {
        _sessions.Remove(session);
        Turn($"end {session}", new Command.EndSession(session), () => _model.EndSession(session));
    }

    private void DrawUse(SessionId session, string name)
    {
        var settings = new QueueSettings
        {
            Kind = QueueKind.Messages,
            Durability = name != "scraps" && _random.Chance(0.5) ? Durability.Async : Durability.Memory,
            Order = _random.Chance(0.3) ? QueueOrder.Lifo : QueueOrder.Fifo,
            TasksMax = _random.Chance(0.6) ? _random.Between(1, 5) : 0,
            BytesMax = _random.Chance(0.3) ? _random.Between(8, 40) : 0,
            Retry = _random.Chance(0.5) ? new RetrySettings { MaxDeliveries = _random.Between(1, 4) } : null,
        };
        var use = new Command.UseQueue(Ask(), session, name, settings, IsEphemeral: name == "scraps");
        Turn($"{use.Request} use {name} {settings.Durability} {settings.Order} {settings.TasksMax}", use,
            () => _model.Use(use));
    }

    private void DrawLeave(SessionId session, string name)
    {
        var leave = new Command.LeaveQueue(Ask(), session, name);
        Turn($"{leave.Request} {session} leaves {name}", leave, () => _model.Leave(leave));
    }

    private void DrawPut(SessionId session, string name)
    {
        var messages = new TaskSubmission[_random.Between(1, 4)];
        for (var index = 0; index < messages.Length; index++)
        {
            messages[index] = new TaskSubmission
            {
                Handler = "",
                Queue = name,
                Payload = new TaskPayload(new byte[_random.Below(12)], ""),
                Priority = _random.Chance(0.2) ? _random.Between(-1, 1) : 0,
                Delay = _random.Chance(0.1) ? _random.Milliseconds(1, 5000) : null,
                IdempotencyKey = _random.Chance(0.1) ? $"k{_random.Below(3)}" : null,
                IdempotencyTtl = _random.Milliseconds(1000, 60_000),
            };
        }

        var put = new Command.PutMessages(Ask(), session, name, messages, Wait());
        Turn($"{put.Request} put {name} x{messages.Length} wait {put.Wait}", put, () => _model.Put(put));
    }

    private void DrawGet(SessionId session, string name)
    {
        var isAutoAck = _random.Chance(0.4);
        TimeSpan? lease = !isAutoAck && _random.Chance(0.3) ? _random.Milliseconds(1000, 10_000) : null;
        Get(new Command.GetMessages(Ask(), session, name, _random.Below(4), Wait(), isAutoAck, lease));
    }

    private void Get(Command.GetMessages get)
    {
        _unanswered.Add(get.Request);
        Turn($"{get.Request} get {get.Queue} max {get.Max} auto {get.IsAutoAck} by {get.Session} wait {get.Wait}", get,
            () => _model.Get(get));
    }

    /// <summary>Its own, somebody else's, or of an earlier delivery.</summary>
    private void DrawSettle(SessionId session)
    {
        var held = _model.Queues.Values.SelectMany(queue => queue.Messages)
            .Where(message => message.Holder == session || (message.Delivery > 0 && _random.Chance(0.2))).ToList();
        if (held.Count == 0) return;
        var settlements = new MessageSettlement[_random.Between(1, Math.Min(3, held.Count))];
        for (var index = 0; index < settlements.Length; index++)
        {
            var message = _random.Pick(held);
            var delivery = new AttemptId(
                message.Id, message.Delivery > 1 && _random.Chance(0.2) ? message.Delivery - 1 : message.Delivery);
            settlements[index] = _random.Below(8) switch
            {
                < 3 => new MessageSettlement.Acked(delivery),
                < 5 => new MessageSettlement.Nacked(
                    delivery, _random.Chance(0.4) ? _random.Milliseconds(1, 5000) : TimeSpan.Zero, ""),
                5 => new MessageSettlement.Buried(delivery, ""),
                6 => new MessageSettlement.Released(delivery),
                _ => new MessageSettlement.Extended(delivery, _random.Milliseconds(1000, 10_000)),
            };
        }

        var settle = new Command.SettleMessages(Ask(), session, settlements);
        Turn($"{settle.Request} {string.Join(", ", (IEnumerable<MessageSettlement>)settlements)} by {session}", settle,
            () => _model.Settle(settle));
    }

    private void DrawJoin(SessionId session, string name)
    {
        var join = new Command.JoinQueue(Ask(), session, name, Wait());
        Turn($"{join.Request} join {name}", join, () => _model.Join(join));
    }

    private void DrawWaitAny(SessionId session)
    {
        // Now and then the same one twice.
        var targets = new WaitTarget[_random.Between(1, 3)];
        for (var at = 0; at < targets.Length; at++) targets[at] = new WaitTarget.Queue(_random.Pick(QueueNames));
        var any = new Command.WaitAny(Ask(), session, targets, Wait());
        Turn($"{any.Request} wait for {string.Join(", ", (IEnumerable<WaitTarget>)targets)} for {any.Wait}", any,
            () => _model.WaitAny(any));
    }

    private void DrawCancelWait()
    {
        if (_unanswered.Count == 0) return;
        var request = _random.Pick([.. _unanswered.Order(Comparer<RequestId>.Create(
            (left, right) => left.Value.CompareTo(right.Value)))]);
        Turn($"cancel {request}", new Command.CancelWait(request), () => _model.CancelWait(request));
    }

    private void Steer(string name, QueueState state)
    {
        var request = Ask();
        Command command = state switch
        {
            QueueState.Active => new Command.ResumeQueue(request, name),
            QueueState.Paused => new Command.PauseQueue(request, name),
            _ => new Command.DrainQueue(request, name),
        };
        Turn($"{request} {name} becomes {state}", command, () => _model.Steer(request, name, state));
    }

    private void DrawRemoval(string name)
    {
        var request = Ask();
        if (_random.Chance(0.5))
            Turn($"{request} purge {name}", new Command.PurgeQueue(request, name), () => _model.Purge(request, name));
        else
            Turn($"{request} delete {name}", new Command.DeleteQueue(request, name),
                () => _model.Delete(request, name));
    }

    private void DrawCancel(string name)
    {
        if (!_model.Queues.TryGetValue(name, out var queue)) return;
        var all = queue.Messages.Concat(queue.Dead).ToList();
        if (all.Count == 0) return;
        var (request, message) = (Ask(), _random.Pick<ModelMessage>(all));
        Turn($"{request} cancel {message.Id}", new Command.CancelTask(request, message.Id, "", null),
            () => _model.Cancel(request, message.Id));
    }

    private RequestId Ask()
    {
        var request = NextRequest();
        _unanswered.Add(request);
        return request;
    }

    private TimeSpan Wait() => _random.Chance(0.4) ? TimeSpan.Zero : _random.Milliseconds(1, 60_000);
}
