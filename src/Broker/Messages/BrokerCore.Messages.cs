using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private readonly List<MessageSide> _unserved = [];

    private void Apply(Command.MessageCommand command)
    {
        switch (command)
        {
            case Command.UseQueue use: UseQueue(use); break;
            case Command.LeaveQueue leave: LeaveQueue(leave); break;
            case Command.PutMessages put: PutMessages(put); break;
            case Command.GetMessages get: GetMessages(get); break;
            case Command.SettleMessages settle: SettleMessages(settle); break;
            case Command.PeekMessages peek: PeekMessages(peek); break;
            case Command.JoinQueue join: JoinQueue(join); break;
            case Command.MessagesRead read: MessagesRead(read); break;
            default: throw new NotSupportedException(command.GetType().Name);
        }
    }

    private void PutMessages(Command.PutMessages put)
    {
        if (!TryFindMessages(put.Queue, out var queue, out var refusal) ||
            !TryFindSession(put.Session, out var session, out refusal) ||
            (refusal = MessageRules.Check(put.Messages, _limits)) is not null ||
            (refusal = _isShuttingDown ? Rejections.DaemonDraining() : null) is not null)
        {
            Refuse(put.Request, refusal!);
            return;
        }

        var (side, ids, done) = (queue.Messages!, new TaskId[put.Messages.Count], 0);
        // Who waits for room comes first.
        if (side.Putters.Count == 0 || Mutant == Mutant.OvertakePutters)
            done = PutSome(queue, put.Messages, ids, 0, out refusal);
        if (done < ids.Length && refusal is null && put.Wait > TimeSpan.Zero)
        {
            var wait = new PutWait(put, session, side, ids);
            wait.Advance(done);
            refusal = RefuseBytes(wait.BytesLeft);
            if (refusal is null)
            {
                if (_waits.TryBegin(wait, put.Wait, side.Putters)) _waits.Keep(wait, wait.BytesLeft);
                return;
            }
        }

        if (done < ids.Length) refusal ??= MessageRules.QueueFull(queue, put.Messages[done]);
        Reply(put.Request, MessageRules.Outcome(ids, done, refusal));
    }

    /// <summary>As many as there is room for.</summary>
    /// <param name="queue">Where to.</param>
    /// <param name="messages">All of them.</param>
    /// <param name="ids">Their numbers, filled in.</param>
    /// <param name="done">So many are there already.</param>
    /// <param name="refusal">Why the next one cannot be put, also later. Null: there is no room, or no next
    /// one.</param>
    /// <returns>So many are there now.</returns>
    private int PutSome(
        QueueEntry queue, IReadOnlyList<TaskSubmission> messages, TaskId[] ids, int done, out Rejection? refusal)
    {
        refusal = null;
        for (; done < messages.Count; done++)
        {
            var message = messages[done];
            if (message.IdempotencyKey is { } key && _idempotency.TryGetValue((queue.Name, key), out var known))
            {
                if (_turn.DueOf(known) > Now.Monotonic)
                {
                    if (known.Fingerprint == IdempotencyRecord.FingerprintOf(message)) continue;
                    refusal = MessageRules.At(done, Rejections.IdempotencyConflict(key, known.Task));
                    return done;
                }

                ForgetKey(known);
            }

            refusal = MessageRules.CheckSize(queue, message, done);
            if (refusal is not null) return done;
            if (queue.State != QueueState.Draining && !queue.HasRoomFor(message.Payload.Length)) return done;
            refusal = RefuseForRoom(queue, message, 1, message.Payload.Length);
            if (refusal is not null) return done;
            var entry = AddTask(queue, message, again: null);
            ids[done] = entry.Id;
            if (message.IdempotencyKey is not { } fresh) continue;
            Remember(queue, fresh, entry, message);
            queue.Messages!.HadKeys = true;
        }

        return done;
    }

    private void GetMessages(Command.GetMessages get)
    {
        if (!TryFindMessages(get.Queue, out var queue, out var refusal) ||
            !TryFindSession(get.Session, out var session, out refusal) ||
            (refusal = MessageRules.Check(get, _limits)) is not null)
        {
            Refuse(get.Request, refusal!);
            return;
        }

        if (_isShuttingDown) Refuse(get.Request, Rejections.DaemonDraining());
        else if (queue.CanGive) Reply(get.Request, Give(queue, session, get));
        else if (queue.IsDrained) Refuse(get.Request, Rejections.QueueDrained(queue));
        else if (get.Wait <= TimeSpan.Zero) Reply(get.Request, new Response.MessagesGiven([]));
        else
        {
            _waits.TryBegin(new GetWait(get, session, queue.Messages!), get.Wait, queue.Messages!.Getters);
        }
    }

    /// <summary>At least one, and as many as were asked for, are there, and fit into one answer.</summary>
    private Response.MessagesGiven Give(QueueEntry queue, SessionEntry session, Command.GetMessages get)
    {
        var most = Math.Max(1, get.Max);
        var given = new List<MessageView>(Math.Min(most, queue.Ready.Count));
        var (bytes, needsRead) = (0L, false);
        while (given.Count < most && queue.CanGive)
        {
            var message = queue.Ready.Peek()!;
            bytes += message.PayloadBytes;
            if (given.Count > 0 && bytes > _limits.MessageBatchBytesMax) break;
            LeaveQueue(message);
            needsRead |= message.Payload.IsStored;
            given.Add(ViewOf(message, message.Attempt + 1, Now.Wall + get.Lease));
            if (get.IsAutoAck && !message.Payload.IsStored) EndMessage(message, TaskState.Succeeded);
            else Hold(message, session, get);
        }

        return new Response.MessagesGiven(given) { NeedsRead = needsRead };
    }

    private static MessageView ViewOf(TaskEntry message, uint delivery, DateTimeOffset? leaseUntil) => new(
        message.Id, delivery, message.Payload, message.Priority, message.SubmittedAt,
        message.Labels, leaseUntil);

    private void Hold(TaskEntry message, SessionEntry session, Command.GetMessages get)
    {
        var (lease, side) = (new MessageLease(message, session) { IsAckedByRead = get.IsAutoAck },
            message.Queue.Messages!);
        message.BecomeRunning(lease);
        message.Queue.Moved(TaskState.Queued, TaskState.Running);
        side.HeldBytes += message.PayloadBytes;
        side.Held.AddLast(lease);
        session.Held.AddLast(lease);
        if (get.Lease is { } span) SetTimer(message, Now.Monotonic + span);
        PersistMoved(message);
        UpdateOffers(message.Queue);
    }

    private void PeekMessages(Command.PeekMessages peek)
    {
        if (!TryFindMessages(peek.Queue, out var queue, out var refusal) ||
            (refusal = CheckPeek(peek)) is not null)
        {
            Refuse(peek.Request, refusal!);
            return;
        }

        var shown = new List<MessageView>();
        var (bytes, needsRead) = (0L, false);
        var query = new TaskQuery { Queue = queue.Name, Labels = peek.Labels };
        foreach (var message in queue.Ready.InOrder.Take(_limits.PageScanMax))
        {
            if (!IsMatch(message, query)) continue;
            bytes += message.PayloadBytes;
            if (shown.Count > 0 && bytes > _limits.MessageBatchBytesMax) break;
            needsRead |= message.Payload.IsStored;
            shown.Add(ViewOf(message, message.Attempt, null));
            if (shown.Count >= peek.Max) break;
        }

        Reply(peek.Request, new Response.MessagesShown(shown) { NeedsRead = needsRead });
    }

    private Rejection? CheckPeek(Command.PeekMessages peek) => peek.Max < 0 || peek.Max > _limits.PageSizeMax
        ? Rejections.Invalid("messages_max", $"messages_max must be between 1 and {_limits.PageSizeMax}.")
        : null;

    private void JoinQueue(Command.JoinQueue join)
    {
        if (!TryFindMessages(join.Queue, out var queue, out var refusal) ||
            !TryFindSession(join.Session, out var session, out refusal))
        {
            Refuse(join.Request, refusal!);
            return;
        }

        if (queue.Open == 0 || join.Wait <= TimeSpan.Zero)
        {
            Reply(join.Request, new Response.QueueJoined(queue.Open));
            return;
        }

        _waits.TryBegin(
            new JoinWait(join.Request, session, queue.Messages!), join.Wait, queue.Messages!.Joiners);
    }

    private bool TryFindMessages(
        string name, [NotNullWhen(true)] out QueueEntry? queue, [NotNullWhen(false)] out Rejection? refusal)
    {
        if (!TryFindQueue(name, out queue, out refusal)) return false;
        if (queue.Messages is not null) return true;
        refusal = MessageRules.WrongKind(queue);
        return false;
    }
}
