using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void DeclareQueue(Command.DeclareQueue declare)
    {
        _queues.TryGetValue(declare.Name, out var queue);
        var settings = declare.Settings with { Kind = declare.Settings.Kind ?? queue?.Kind };
        var refusal = QueueRules.Check(declare.Name, settings, _limits)
            ?? (queue is null ? RefuseQueues(1) : RefuseChange(queue, settings));
        if (refusal is not null)
        {
            Refuse(declare.Request, refusal);
            return;
        }

        if (queue is null)
        {
            queue = AddQueue(declare.Name);
            SetKind(queue, settings.Kind ?? QueueKind.Tasks);
        }

        SetPolicy(queue, settings);
        LimitDead(queue);
        UpdateOffers(queue);
        PersistQueue(queue);
        Reply(declare.Request, new Response.OneQueue(ViewOf(queue)));
    }

    private static void SetPolicy(QueueEntry queue, QueueSettings settings)
    {
        queue.Durability = settings.Durability;
        queue.TasksMax = settings.TasksMax;
        queue.BytesMax = settings.BytesMax;
        queue.RunningMax = settings.RunningMax;
        queue.DeadMax = settings.DeadMax > 0 ? settings.DeadMax : QueueRules.DeadMaxDefault;
        queue.Ready.IsLifo = settings.Order == QueueOrder.Lifo;
        var retry = queue.Messages is null
            ? RetryPlan.Default
            : RetryPlan.Default with { MaxDeliveries = MessageRules.MaxDeliveriesDefault };
        queue.Plan = TaskPlan.Default with
        {
            Retry = retry.With(settings.Retry),
            Timeout = settings.Timeout,
            Grace = settings.Grace ?? TaskPlan.Default.Grace,
            ResultTtl = settings.ResultTtl ?? TaskPlan.Default.ResultTtl,
        };
    }

    private void SteerQueue(RequestId request, string name, QueueState state)
    {
        if (!TryFindQueue(name, out var queue, out var missing))
        {
            Refuse(request, missing);
            return;
        }

        queue.State = state;
        UpdateOffers(queue);
        PersistQueue(queue);
        Reply(request, new Response.OneQueue(ViewOf(queue)));
    }

    private void PurgeQueue(Command.PurgeQueue purge)
    {
        if (!TryFindQueue(purge.Name, out var queue, out var missing))
        {
            Refuse(purge.Request, missing);
            return;
        }

        var tasks = NotRunning(queue).Take(_limits.PurgeStepMax).ToArray();
        foreach (var task in tasks) CancelWaiting(task, "Its queue was purged.");
        Reply(purge.Request, new Response.Purged(tasks.Length, queue.Open - queue.Count(TaskState.Running)));
    }

    private static IEnumerable<TaskEntry> NotRunning(QueueEntry queue) =>
        queue.Waiting.Items
            .Concat(queue.Gates.Values.SelectMany(gate => gate.Parked.Items))
            .Concat(queue.Aside.Values.SelectMany(aside => aside.Items))
            .Concat(queue.Ready.All);

    private void DeleteQueue(Command.DeleteQueue delete)
    {
        if (!TryFindQueue(delete.Name, out var queue, out var missing))
        {
            Refuse(delete.Request, missing);
            return;
        }

        if (queue.Open > 0)
        {
            Refuse(delete.Request, new Rejection(
                RejectionReason.QueueNotEmpty, $"The queue '{queue.Name}' holds {queue.Open} tasks. Purge it, and " +
                "cancel or await those that run.",
                "name", queue.Name));
            return;
        }

        if (queue.Bindings.Count > 0)
        {
            Refuse(delete.Request, new Rejection(
                RejectionReason.QueueInUse, $"Workers serve the queue '{queue.Name}'. Delete their pools first.",
                "name", queue.Name));
            return;
        }

        if (queue.Dead.Count > _limits.RetentionStepMax && Mutant != Mutant.DeleteAfterOneStep)
        {
            // The queue stays until the last of them is gone: a restart in between must find whose they are.
            RemoveDead(queue, _limits.RetentionStepMax, mustFlush: true);
            Reply(delete.Request, new Response.QueueDeleted(queue.Dead.Count));
            return;
        }

        RefuseMessageWaits(queue);
        RemoveQueue(queue);
        Reply(delete.Request, new Response.QueueDeleted(0));
    }

    private void RemoveQueue(QueueEntry queue)
    {
        RemoveDead(queue, queue.Dead.Count, mustFlush: false);
        ForgetKeys(queue);

        foreach (var user in queue.Messages?.Users ?? []) user.Ephemeral!.Remove(queue);
        _queues.Remove(queue.Name);
        if (queue.IsStored) Persist(new Change.QueueDeleted(queue.Name), MustFlush(queue));
    }

    /// <summary>The oldest. With a flush who waits for them waits for the store, which may be slow.</summary>
    private void RemoveDead(QueueEntry queue, int count, bool mustFlush)
    {
        for (; count > 0; count--)
        {
            var letter = queue.Dead.First!;
            LeaveDead(letter);
            Remove(letter, mustFlush && count == 1);
        }
    }

    /// <summary>Looks at all keys, which those queues need not wait for that come and go quickly.</summary>
    private void ForgetKeys(QueueEntry queue)
    {
        if (queue.Messages is { IsEphemeral: true, HadKeys: false }) return;
        foreach (var record in _idempotency.Values.Where(record => record.Key.Queue == queue.Name).ToArray())
            ForgetKey(record);
    }

    private bool TryFindQueue(
        string name, [NotNullWhen(true)] out QueueEntry? queue, [NotNullWhen(false)] out Rejection? missing)
    {
        missing = _queues.TryGetValue(name, out queue) ? null : Rejections.QueueNotFound(name);
        return queue is not null;
    }

    /// <summary>The two queues that every broker has are made when they are first used.</summary>
    private bool TryGetQueue(
        string name, [NotNullWhen(true)] out QueueEntry? queue, [NotNullWhen(false)] out Rejection? missing)
    {
        if (TryFindQueue(name, out queue, out missing)) return true;
        if (name is not (Names.Default or Names.Exec)) return false;
        missing = RefuseQueues(1);
        if (missing is not null) return false;
        queue = AddQueue(name);
        return true;
    }

    private QueueEntry AddQueue(string name)
    {
        var queue = new QueueEntry(name, _latestTerms) { DeadMax = QueueRules.DeadMaxDefault };
        _queues.Add(name, queue);
        return queue;
    }

    private Rejection? RefuseQueues(int more) =>
        _queues.Count + more > _limits.QueuesMax
            ? Rejections.Limit(nameof(BrokerLimits.QueuesMax), _limits.QueuesMax, "queues")
            : null;

    private Rejection? CheckQueues(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (SubmissionRules.CheckName("queues", name, _limits) is { } mistake) return mistake;
            if (_queues.TryGetValue(name, out var queue) && queue.Messages is not null)
                return MessageRules.WrongKind(queue, "queues");
        }

        return RefuseQueues(names.Distinct(StringComparer.Ordinal).Count(name => !_queues.ContainsKey(name)));
    }

    private QueueEntry[] MakeQueues(IReadOnlyList<string> names) => names.Distinct(StringComparer.Ordinal)
        .Select(name => _queues.TryGetValue(name, out var queue) ? queue : AddQueue(name)).ToArray();
}
