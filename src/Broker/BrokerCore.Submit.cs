namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private readonly Dictionary<(string Queue, string Key), IdempotencyRecord> _idempotency = [];

    private void Submit(Command.SubmitTasks submit)
    {
        if (submit.Tasks.Count > _limits.SubmitBatchMax)
        {
            Refuse(submit.Request,
                Rejections.Limit(nameof(BrokerLimits.SubmitBatchMax), _limits.SubmitBatchMax, "tasks of one submit"));
            return;
        }

        var first = _effects.Count;
        var results = new SubmitResult[submit.Tasks.Count];
        for (var index = 0; index < results.Length; index++)
            results[index] = SubmitOne(submit.Session, submit.Tasks[index]);
        Reply(submit.Request, new Response.Submitted(results));
        if (Mutant != Mutant.ReplyBeforePersist || submit.Request.Value == 0) return;
        _effects.Insert(first, _effects[^1]);
        _effects.RemoveAt(_effects.Count - 1);
    }

    private SubmitResult SubmitOne(SessionId session, TaskSubmission task)
    {
        if (SubmissionRules.Check(task, _limits) is { } mistake) return Refused(task, mistake);
        if (_isShuttingDown) return Refused(task, Rejections.DaemonDraining());
        var name = task.Queue.Length > 0 ? task.Queue : task.Handler == Names.Exec ? Names.Exec : Names.Default;
        if (!TryGetQueue(name, out var queue, out var missing)) return Refused(task, missing);

        if (task.IdempotencyKey is { } key && _idempotency.TryGetValue((queue.Name, key), out var known))
        {
            if (known.TimerDue > _now.Monotonic) return Deduplicate(session, task, known);
            SetTimer(known, Instant.Never);
            _idempotency.Remove(known.Key);
        }

        if (RefuseForRoom(queue, task, 1, task.Payload.Data.Length) is { } full) return Refused(task, full);
        var entry = AddTask(queue, task, retryOf: null);
        if (task.WantsOutcome && !session.IsNone) SubmittedBy(session, entry);
        if (task.IdempotencyKey is { } fresh && Mutant != Mutant.ForgetIdempotencyKey)
            Remember(queue, fresh, entry, task);
        return new SubmitResult(task.Tag, entry.Id, Deduplicated: false, null);
    }

    private SubmitResult Deduplicate(SessionId session, TaskSubmission task, IdempotencyRecord known)
    {
        if (known.Fingerprint != IdempotencyRecord.FingerprintOf(task))
        {
            return Refused(task, new Rejection(
                RejectionReason.IdempotencyConflict,
                $"The idempotency key '{task.IdempotencyKey}' was used for task {known.Task} with other content. " +
                "Use another key.",
                "idempotency_key", known.Task.ToString()));
        }

        if (task.WantsOutcome && !session.IsNone)
        {
            var refusal = RefuseWatch(session, known.Task, out var first);
            if (first is null)
            {
                return Refused(task, new Rejection(
                    RejectionReason.TaskNotFound,
                    $"The idempotency key '{task.IdempotencyKey}' was used for task {known.Task}, which has ended " +
                    "and is kept no longer, so its outcome cannot be told. Use another key.",
                    "idempotency_key", known.Task.ToString()));
            }

            if (refusal is not null) return Refused(task, refusal);
            Hear(session, first, task.Tag, false);
        }

        return new SubmitResult(task.Tag, known.Task, Deduplicated: true, null);
    }

    private void Remember(QueueEntry queue, string key, TaskEntry entry, TaskSubmission task)
    {
        var record = new IdempotencyRecord((queue.Name, key), entry.Id, IdempotencyRecord.FingerprintOf(task));
        _idempotency.Add(record.Key, record);
        SetTimer(record, _now.Monotonic + (task.IdempotencyTtl ?? TimeSpan.FromDays(1)));
    }

    /// <summary>Whether the queue and the broker have room for this many more tasks; null: they have.</summary>
    private Rejection? RefuseForRoom(QueueEntry queue, TaskSubmission? task, int count, long bytes)
    {
        if (queue.State == QueueState.Draining)
        {
            return new Rejection(
                RejectionReason.QueueDraining,
                $"The queue '{queue.Name}' drains and takes no new tasks. Resume it first.",
                "queue", queue.Name);
        }

        if (queue.TasksMax > 0 && queue.Open + count > queue.TasksMax)
            return Rejections.QueueFull(queue, "tasks_max", queue.TasksMax);
        if (queue.BytesMax > 0 && queue.PayloadBytes + bytes > queue.BytesMax)
            return Rejections.QueueFull(queue, "bytes_max", queue.BytesMax);
        if (_openTasks + count > _limits.TasksMax)
            return Rejections.Limit(nameof(BrokerLimits.TasksMax), _limits.TasksMax, "tasks that have not ended");
        if (_openBytes + bytes > _limits.PayloadBytesTotalMax)
        {
            return Rejections.Limit(
                nameof(BrokerLimits.PayloadBytesTotalMax), _limits.PayloadBytesTotalMax,
                "payload bytes of tasks that have not ended");
        }

        if (task?.IdempotencyKey is not null && _idempotency.Count >= _limits.IdempotencyKeysMax)
            return Rejections.Limit(
                nameof(BrokerLimits.IdempotencyKeysMax), _limits.IdempotencyKeysMax, "idempotency keys");
        return null;
    }

    private TaskEntry AddTask(QueueEntry queue, TaskSubmission task, TaskId? retryOf)
    {
        var entry = new TaskEntry(
            new TaskId(_nextTask++), queue, task, queue.Plan.With(task), _now.Wall)
        { RetryOf = retryOf };
        _tasks.Add(entry);
        _openTasks++;
        _openBytes += entry.PayloadBytes;
        queue.PayloadBytes += entry.PayloadBytes;
        if (task.ConcurrencyKey is { } key) EnterGate(entry, queue, key, Math.Max(1, task.ConcurrencyLimit));
        Persist(queue, new Change.TaskAdded(entry.Id, task, entry.SubmittedAt, retryOf));
        if (task.Delay is { Ticks: > 0 } delay && Mutant != Mutant.IgnoreDelay)
        {
            Schedule(entry, _now.Wall + delay);
            SetTimer(entry, _now.Monotonic + delay);
        }
        else if (task.RunAt is { } runAt && runAt > _now.Wall)
        {
            Schedule(entry, runAt);
            entry.IsOnWallClock = true;
            _wallTimers.Add(entry);
        }
        else
        {
            Enqueue(entry, atOldPlace: false);
        }

        return entry;
    }

    private static void Schedule(TaskEntry entry, DateTimeOffset dueAt)
    {
        entry.BecomeScheduled(dueAt);
        entry.Queue.Moved(0, TaskState.Scheduled);
        entry.Queue.Waiting.AddLast(entry);
    }

    private static SubmitResult Refused(TaskSubmission task, Rejection rejection) =>
        new(task.Tag, default, false, rejection);
}
