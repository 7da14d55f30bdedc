namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void UseQueue(Command.UseQueue use)
    {
        if (!TryFindSession(use.Session, out var session, out var refusal))
        {
            Refuse(use.Request, refusal);
            return;
        }

        var isThere = _queues.TryGetValue(use.Name, out var queue);
        refusal = queue is { Messages: null } ? MessageRules.WrongKind(queue)
            : isThere ? null
            : RefuseNew(use);
        if (refusal is not null)
        {
            Refuse(use.Request, refusal);
            return;
        }

        if (queue is null)
        {
            queue = AddQueue(use.Name);
            SetKind(queue, QueueKind.Messages, use.IsEphemeral);
            SetPolicy(queue, use.Settings);
            PersistQueue(queue);
        }

        if (queue.Messages!.IsEphemeral)
        {
            (session.Ephemeral ??= []).Add(queue);
            (queue.Messages.Users ??= []).Add(session);
        }

        Reply(use.Request, new Response.QueueUsed(ViewOf(queue), !isThere));
    }

    private void LeaveQueue(Command.LeaveQueue leave)
    {
        if (!TryFindMessages(leave.Name, out var queue, out var refusal) ||
            !TryFindSession(leave.Session, out var session, out refusal))
        {
            Refuse(leave.Request, refusal!);
            return;
        }

        EndWaits(session, queue.Messages!);
        GiveBackHeld(session, queue.Messages!);
        if (session.Ephemeral?.Remove(queue) == true) EndUse(session, queue);
        Reply(leave.Request, new Response.Done());
    }

    /// <summary>The queue is there as long as somebody uses it.</summary>
    private void EndUse(SessionEntry session, QueueEntry queue)
    {
        var users = queue.Messages!.Users!;
        if (Mutant != Mutant.KeepUseOfLeft) users.Remove(session);
        if (users.Count == 0) RemoveEphemeral(queue);
    }

    /// <summary>Looks at the session's own waits alone.</summary>
    private void EndWaits(SessionEntry session, MessageSide side)
    {
        var ending = new List<Wait>();
        for (var wait = session.Waits.First; wait is not null; wait = LinkedRing<Wait, Wait.OfSession>.After(wait))
        {
            if ((wait is MessageWait of && of.Side == side) || (wait is ReadyWait ready && ready.IsFor(side)))
                ending.Add(wait);
        }

        foreach (var wait in ending)
        {
            _waits.Refuse(wait, wait is ReadyWait ready
                ? ready.At(side, Rejections.WaitCancelled())
                : Rejections.WaitCancelled());
        }
    }

    /// <summary>Looks at what the session holds, or at what is held of the queue, whichever is less.</summary>
    private void GiveBackHeld(SessionEntry session, MessageSide side)
    {
        if (Mutant == Mutant.KeepHeldOfLeft) return;
        var held = side.Held.Count < session.Held.Count
            ? side.Held.Items.Where(lease => lease.Session == session)
            : session.Held.Items.Where(lease => lease.Task.Queue.Messages == side);
        // What needs no acknowledgement is on its way to the session.
        foreach (var lease in held.Where(lease => !lease.IsAckedByRead).ToArray())
            GiveBack(lease, new TaskFailure(FailureKind.Lost, "Its consumer left the queue."));
    }

    private Rejection? RefuseNew(Command.UseQueue use) =>
        QueueRules.Check(use.Name, use.Settings with { Kind = use.Settings.Kind ?? QueueKind.Messages }, _limits) ??
        (use.Settings.Kind is QueueKind.Tasks
            ? Rejections.Invalid("kind", "A queue that is used is one of messages. Declare a queue of tasks.")
            : null) ??
        (use.IsEphemeral && use.Settings.Durability != Durability.Memory
            ? Rejections.Invalid("durability", "An ephemeral queue is gone with its sessions, so it is MEMORY.")
            : null) ??
        RefuseQueues(1);

    private void SetKind(QueueEntry queue, QueueKind kind, bool isEphemeral = false)
    {
        if (kind == QueueKind.Messages)
            queue.Messages = new MessageSide(queue, _unserved) { IsEphemeral = isEphemeral };
    }

    /// <summary>What a queue that is there may not become.</summary>
    private static Rejection? RefuseChange(QueueEntry queue, QueueSettings settings)
    {
        if (settings.Kind is { } kind && kind != queue.Kind)
        {
            return new Rejection(
                RejectionReason.WrongKind,
                $"The queue '{queue.Name}' holds {(queue.Kind == QueueKind.Tasks ? "tasks" : "messages")}, and that " +
                "cannot change. Delete it first, or take another name.",
                "kind", queue.Name);
        }

        if (queue.Messages is { IsEphemeral: true } && settings.Durability != Durability.Memory)
            return Rejections.Invalid("durability", $"The queue '{queue.Name}' is ephemeral, so it is MEMORY.");
        if (queue.Open > 0 && queue.IsDurable == (settings.Durability == Durability.Memory))
        {
            return Rejections.Invalid(
                "durability",
                $"The queue '{queue.Name}' holds tasks; it can become durable, or memory, when it is empty.");
        }

        return queue.Open > 0 && (settings.Order ?? QueueOrder.Fifo) != OrderOf(queue)
            ? Rejections.Invalid("order", $"The queue '{queue.Name}' holds messages; its order can change when empty.")
            : null;
    }

    private static QueueOrder OrderOf(QueueEntry queue) => queue.Ready.IsLifo ? QueueOrder.Lifo : QueueOrder.Fifo;

    /// <summary>With all in it, and without a word to anybody but those who wait.</summary>
    private void RemoveEphemeral(QueueEntry queue)
    {
        RefuseMessageWaits(queue);
        while (queue.Messages!.Held.First is { } lease)
        {
            EndHold(lease);
            EndMessage(lease.Task, TaskState.Cancelled);
        }

        foreach (var message in NotRunning(queue).ToArray()) CancelWaiting(message, "");
        RemoveQueue(queue);
    }

    private void RefuseMessageWaits(QueueEntry queue)
    {
        if (queue.Messages is not { } side) return;
        var gone = Rejections.QueueNotFound(queue.Name);
        RefuseAll(side.Getters, gone);
        RefuseAll(side.Putters, gone);
        RefuseAll(side.Joiners, gone);
        if (Mutant != Mutant.ForgetWatchesOfDeleted) _readiness.Gone(side, gone);
    }
}
