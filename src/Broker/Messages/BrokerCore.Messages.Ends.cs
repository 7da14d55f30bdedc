namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void SettleMessages(Command.SettleMessages settle)
    {
        if (!TryFindSession(settle.Session, out var session, out var refusal) ||
            (refusal = MessageRules.CheckBatch("settlements", settle.Settlements.Count, _limits)) is not null)
        {
            Refuse(settle.Request, refusal!);
            return;
        }

        List<(AttemptId, Rejection)>? refused = null;
        foreach (var settlement in settle.Settlements)
        {
            if (Settle(session, settlement) is { } rejection) (refused ??= []).Add((settlement.Delivery, rejection));
        }

        Reply(settle.Request,
            new Response.MessagesSettled((IReadOnlyList<(AttemptId, Rejection)>?)refused ?? []));
    }

    /// <summary>Null: it was done.</summary>
    private Rejection? Settle(SessionEntry session, MessageSettlement settlement)
    {
        if (LeaseOf(settlement.Delivery) is not { } lease || lease.Session != session)
            return MessageRules.LeaseStale(settlement.Delivery);
        var message = lease.Task;
        switch (settlement)
        {
            case MessageSettlement.Acked:
                EndHold(lease);
                EndMessage(message, TaskState.Succeeded);
                return null;
            case MessageSettlement.Nacked nacked:
                var mistake = MessageRules.CheckReason(nacked.Reason, _limits) ??
                    SubmissionRules.CheckSpan("delay", nacked.Delay, _limits.DelayMax);
                if (mistake is null) GiveBack(lease, Nacked(FailureKind.Error, nacked.Reason), nacked.Delay);
                return mistake;
            case MessageSettlement.Buried buried:
                if (MessageRules.CheckReason(buried.Reason, _limits) is { } tooLong) return tooLong;
                EndHold(lease);
                Finish(message, TaskState.Failed, Nacked(FailureKind.Rejected, buried.Reason), null);
                return null;
            case MessageSettlement.Released:
                EndHold(lease);
                Return(message);
                return null;
            case MessageSettlement.Extended extended:
                if (MessageRules.CheckLease("lease", extended.Lease, _limits) is { } bad) return bad;
                SetTimer(message, Now.Monotonic + extended.Lease);
                return null;
            default:
                throw new NotSupportedException(settlement.GetType().Name);
        }
    }

    private MessageLease? LeaseOf(AttemptId delivery) =>
        _tasks.Find(delivery.Task)?.MessageLease is { } lease &&
        (lease.Attempt == delivery || Mutant == Mutant.SkipDeliveryCheck) ? lease : null;

    private static TaskFailure Nacked(FailureKind kind, string reason) =>
        new(kind, reason.Length > 0 ? reason : "Its consumer gave it back, and gave no reason.");

    /// <summary>The consumer did not finish with it: it comes back, or was given too often.</summary>
    private void GiveBack(MessageLease lease, TaskFailure failure, TimeSpan delay = default)
    {
        var message = lease.Task;
        EndHold(lease);
        if (CountLost(message))
        {
            Finish(message, TaskState.Failed, failure, null);
            return;
        }

        message.LatestFailure = failure;
        if (delay > TimeSpan.Zero) StartRetrying(message, delay);
        else Return(message);
    }

    private void Return(TaskEntry message)
    {
        Enqueue(message, atOldPlace: true);
        PersistMoved(message);
    }

    private void LeaseDue(MessageLease lease) =>
        GiveBack(lease, new TaskFailure(FailureKind.Lost, "Its consumer's lease ended."));

    /// <summary>All that the session held is back where it was, before anybody is served.</summary>
    private void ReleaseMessages(SessionEntry session)
    {
        while (session.Held.First is { } lease)
        {
            if (Mutant == Mutant.KeepHeldOfDead)
            {
                session.Held.Remove(lease);
                continue;
            }

            GiveBack(lease, new TaskFailure(FailureKind.Lost, "Its consumer's session ended."));
        }

        foreach (var queue in session.Ephemeral ?? [])
        {
            queue.Messages!.Users!.Remove(session);
            if (queue.Messages.Users.Count == 0) RemoveEphemeral(queue);
        }
    }

    /// <summary>Nobody holds it, and it is in no list until the caller puts it in one.</summary>
    private void EndHold(MessageLease lease)
    {
        var (message, side) = (lease.Task, lease.Task.Queue.Messages!);
        SetTimer(message, Instant.Never);
        lease.Session.Held.Remove(lease);
        side.Held.Remove(lease);
        side.HeldBytes -= message.PayloadBytes;
        side.Mark();
    }

    /// <summary>Nothing of it is kept. It has left whatever list it was in.</summary>
    private void EndMessage(TaskEntry message, TaskState state)
    {
        var queue = message.Queue;
        var from = message.State;
        message.BecomeGone(state);
        queue.Moved(from, state);
        if (state == TaskState.Succeeded) queue.SucceededTotal++;
        else queue.CancelledTotal++;
        Close(message);
        if (message.IsStored) _windowBytes -= message.WindowBytes;
        _tasks.Remove(message);
        if (message.IsStored)
            Persist(new Change.TaskRemoved(message.Id, message.PayloadBytes), MustFlush(queue));
        queue.Messages!.Mark();
    }

    private void MessagesRead(Command.MessagesRead read)
    {
        foreach (var delivery in read.Read)
        {
            if (LeaseOf(delivery) is not { IsAckedByRead: true } lease) continue;
            EndHold(lease);
            EndMessage(lease.Task, TaskState.Succeeded);
        }

        foreach (var (delivery, reason) in read.Lost)
        {
            if (LeaseOf(delivery) is not { } lease) continue;
            EndHold(lease);
            Finish(lease.Task, TaskState.Failed, new TaskFailure(FailureKind.Lost, reason), null);
        }
    }

    /// <summary>Runs at the end of every turn, for queues where something has changed for those who wait.</summary>
    private void ServeMessages()
    {
        for (var index = 0; index < _unserved.Count; index++)
        {
            var side = _unserved[index];
            if (Mutant == Mutant.TellBeforeGetters) _readiness.BecameReady(side);
            Serve(side.Queue, side);
        }

        // After those who take, from all of them: who waits for several things is told of what is left.
        foreach (var side in _unserved)
        {
            side.Unmark();
            _readiness.BecameReady(side);
        }

        _unserved.Clear();
    }

    private void Serve(QueueEntry queue, MessageSide side)
    {
        do
        {
            while (side.Getters.First is GetWait get && queue.CanGive)
            {
                if (Mutant == Mutant.ServeLatestGetter) get = (GetWait)side.Getters.Last!;
                side.Getters.Remove(get);
                _waits.End(get, Give(queue, get.Session, get.Get));
            }

            // Before those who put: what only waits to be put was not put yet.
            if (queue.Open == 0) EndAll(side.Joiners, _ => new Response.QueueJoined(0));
            while (side.Putters.First is PutWait put)
            {
                // What goes in now is not counted twice.
                _waits.Keep(put, 0);
                put.Advance(PutSome(queue, put.Messages, put.Ids, put.Done, out var refusal));
                _waits.Keep(put, put.BytesLeft);
                if (refusal is null && put.Done < put.Messages.Count) break;
                side.Putters.Remove(put);
                _waits.End(put, put.Outcome(refusal));
            }
        }
        while (side.Getters.Count > 0 && queue.CanGive);

        if (queue.IsDrained) RefuseAll(side.Getters, Rejections.QueueDrained(queue));
    }

    private void EndAll(LinkedRing<Wait, Wait.Links> waits, Func<Wait, Response> response)
    {
        while (waits.First is { } wait)
        {
            waits.Remove(wait);
            _waits.End(wait, response(wait));
        }
    }

    private void RefuseAll(LinkedRing<Wait, Wait.Links> waits, Rejection rejection) =>
        EndAll(waits, wait => wait.Refuse(rejection));

    /// <summary>At the beginning of a shutdown: nothing new is taken or given. What is held can be settled.</summary>
    private void RefuseMessageWaits()
    {
        foreach (var queue in _queues.Values)
        {
            if (queue.Messages is not { } side) continue;
            RefuseAll(side.Getters, Rejections.DaemonDraining());
            RefuseAll(side.Putters, Rejections.DaemonDraining());
            _readiness.Gone(side, Rejections.DaemonDraining());
        }
    }
}
