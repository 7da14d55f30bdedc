namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private ModelQueue AddQueue(string name)
    {
        var queue = new ModelQueue(name);
        _queues.Add(queue);
        return queue;
    }

    private void Declare(Command.DeclareQueue declare)
    {
        if (Refusal() is { } refusal)
        {
            var known = FindQueue(declare.Name);
            Require(
                refusal == RejectionReason.InvalidRequest && known is not null &&
                known.Settings.Durability == Durability.Memory != (declare.Settings.Durability == Durability.Memory),
                $"{declare.Name} was not declared: {_reply}.");
            return;
        }

        RequireReply(null, declare);
        var queue = FindQueue(declare.Name) ?? AddQueue(declare.Name);
        queue.Settings = declare.Settings;
        queue.DeadBound = int.MaxValue;
        _limited.Add(queue);
        WriteQueue(queue);
    }

    private void Steer(string name, QueueState state, Command command)
    {
        var queue = FindQueue(name);
        RequireReply(queue is null ? RejectionReason.QueueNotFound : null, command);
        if (queue is null) return;
        queue.State = state;
        WriteQueue(queue);
    }

    private void Purge(Command.PurgeQueue purge)
    {
        var queue = FindQueue(purge.Name);
        RequireReply(queue is null ? RejectionReason.QueueNotFound : null, purge);
        if (queue is null) return;
        var waiting = _tasks.FindAll(task =>
            task.Queue == queue && task.State is TaskState.Scheduled or TaskState.Queued or TaskState.Retrying);
        foreach (var task in waiting) End(task, TaskState.Cancelled, FailureKind.Cancelled);
        Require(
            _reply is Response.Purged { Left: 0 } purged && purged.Count == waiting.Count,
            $"A purge of {waiting.Count} was answered with {_reply}.");
    }

    private void DeleteQueue(Command.DeleteQueue delete)
    {
        var queue = FindQueue(delete.Name);
        RejectionReason? refusal =
            queue is null ? RejectionReason.QueueNotFound
            : _tasks.Exists(task => task.Queue == queue && !task.State.IsFinal()) ? RejectionReason.QueueNotEmpty
            : _pools.Exists(pool => pool.State != PoolState.Stopping && pool.Settings.Queues.Contains(delete.Name)) ||
                _workers.Exists(worker =>
                    worker.Pool is null && worker.Queues.Contains(delete.Name)) ? RejectionReason.QueueInUse
            : null;
        if (refusal is RejectionReason.QueueNotEmpty && Refusal() == RejectionReason.QueueInUse) return;
        RequireReply(refusal, delete);
        if (refusal is not null || queue is null) return;
        var letters = DeadOf(queue);
        var left = Math.Max(0, letters.Count - limits.RetentionStepMax);
        Require(
            _reply is Response.QueueDeleted deleted && deleted.Left == left,
            $"{delete} of {letters.Count} letters was answered with {_reply}.");
        LetGoWithQueue(letters[..^left]);
        if (left > 0) return;
        _queues.Remove(queue);
        ForgetKeys(key => key.Queue == queue.Name);
        if (queue.IsStored) _disk.Write(_turn, queue, isThere: false);
    }

    private void ListDead(Command.ListDead list)
    {
        var queue = FindQueue(list.Queue);
        RequireReply(queue is null ? RejectionReason.QueueNotFound : null, list);
        if (queue is null || _reply is not Response.DeadPage page) return;
        var dead = DeadOf(queue);
        for (var index = 0; index < page.Tasks.Count; index++)
            Require(
                dead[index].Id == page.Tasks[index].Id,
                $"Dead letter {index} of {queue.Name} is {page.Tasks[index].Id}, not {dead[index].Id}.");
    }

    private void Requeue(Command.RequeueDead requeue)
    {
        var queue = FindQueue(requeue.Queue);
        if (queue is null) { RequireReply(RejectionReason.QueueNotFound, requeue); return; }
        if (Refusal() is RejectionReason.DaemonDraining or RejectionReason.QueueDraining or RejectionReason.QueueFull
            or RejectionReason.LimitReached or RejectionReason.TaskNotFound)
        {
            return;
        }

        var isDoubled = requeue.Tasks.Distinct().Count() < requeue.Tasks.Count;
        if (Refusal() == RejectionReason.InvalidRequest && isDoubled) return;
        if (_reply is not Response.Requeued requeued) { Fail($"A requeue was answered with {_reply}."); return; }
        var dead = DeadOf(queue);
        var old = requeue.Tasks.Count == 0 ? dead : requeue.Tasks.Select(id =>
            dead.Find(task => task.Id == id)).OfType<ModelTask>().ToList();
        Require(
            requeued.Tasks.Count <= old.Count,
            $"{requeued.Tasks.Count} tasks were made of {old.Count} dead letters.");
        for (var index = 0; index < requeued.Tasks.Count; index++)
        {
            old[index].IsDead = false;
            Add(requeued.Tasks[index], queue, Again(old[index]), old[index]);
            Touch(old[index]);
        }
    }

    private void Cancel(Command.CancelTask cancel)
    {
        var task = Find(cancel.Task);
        RequireReply(
            task is null ? RejectionReason.TaskNotFound
            : task.State.IsFinal() ? RejectionReason.TaskFinished
            : null,
            cancel);
        if (task is null || task.State.IsFinal()) return;
        if (task.State != TaskState.Running)
        {
            End(task, TaskState.Cancelled, FailureKind.Cancelled);
            return;
        }

        if (!task.CancelRequested) RequireAsked(task, CancelReason.Cancelled, task.Worker!.IsExec);
        task.CancelRequested = true;
        StopBy(task, _now.Monotonic + (cancel.Grace ?? task.Plan.Grace));
        Touch(task);
    }

    private void Retry(Command.RetryTask retry)
    {
        var task = Find(retry.Task);
        if (task is null) { RequireReply(RejectionReason.TaskNotFound, retry); return; }
        if (!task.State.IsFinal()) { RequireReply(RejectionReason.TaskNotFinished, retry); return; }
        if (Refusal() is RejectionReason.DaemonDraining or RejectionReason.QueueDraining or RejectionReason.QueueFull
            or RejectionReason.LimitReached or RejectionReason.QueueNotFound)
        {
            return;
        }

        if (_reply is not Response.Retried retried) { Fail($"A retry was answered with {_reply}."); return; }
        Require(retried.Task != task.Id, $"{task.Id} came to life again.");
        Add(retried.Task, FindQueue(task.Queue.Name) ?? AddQueue(task.Queue.Name), Again(task), task);
    }

    /// <summary>A task made from another runs at once, and its key of old does not stop it.</summary>
    private static TaskSubmission Again(ModelTask task) =>
        task.Given with { Delay = null, RunAt = null, IdempotencyKey = null };
}
