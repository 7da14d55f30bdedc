namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private readonly Dictionary<(string Queue, string Key), IdempotencyRecord> _idempotency = [];

    /// <summary>Ends that a submit asks for which were there before it.</summary>
    private readonly List<(ulong Tag, TaskOutcome Outcome)> _told = [];

    /// <summary>Terms of the latest task of the submit, which are in order, and their queue.</summary>
    private TaskTerms? _terms;
    private QueueEntry? _termsQueue;

    private void Submit(Command.SubmitTasks submit)
    {
        if (submit.Tasks.Count > _limits.SubmitBatchMax)
        {
            Refuse(submit.Request,
                Rejections.Limit(nameof(BrokerLimits.SubmitBatchMax), _limits.SubmitBatchMax, "tasks of one submit"));
            return;
        }

        var first = _turn.Effects.Count;
        var results = new SubmitResult[submit.Tasks.Count];
        for (var index = 0; index < results.Length; index++)
            results[index] = SubmitOne(submit.Session, submit.Tasks[index]);
        (_terms, _termsQueue) = (null, null);
        Reply(submit.Request, new Response.Submitted(results));
        // After their numbers, which the session learns from the reply.
        foreach (var (tag, outcome) in _told) TellEnd(submit.Session, tag, outcome);
        _told.Clear();
        if (Mutant != Mutant.ReplyBeforePersist || submit.Request.Value == 0) return;
        var reply = _turn.Effects.FindLastIndex(effect => effect is Effect.Reply);
        _turn.Effects.Insert(first, _turn.Effects[reply]);
        _turn.Effects.RemoveAt(reply + 1);
    }

    private SubmitResult SubmitOne(SessionId session, TaskSubmission task)
    {
        if (task.Payload.Range is not { } range || !_segments.AreThere(range)) return TakeOne(session, task);
        // Where nobody holds it afterwards its maker is told so, whatever the reason.
        _segments.Hold(range.Segment);
        var result = TakeOne(session, task);
        _segments.Unhold(range.Segment);
        return result;
    }

    private SubmitResult TakeOne(SessionId session, TaskSubmission task)
    {
        var queue = ReferenceEquals(task.Terms, _terms) ? _termsQueue : null;
        var mistake = queue is null
            ? SubmissionRules.Check(task, _limits)
            : SubmissionRules.CheckOwn(task, _limits);
        if (mistake is not null) return Refused(task, mistake);
        if (_isShuttingDown) return Refused(task, Rejections.DaemonDraining());
        if (queue is null)
        {
            var name = task.Queue.Length > 0 ? task.Queue : task.Handler == Names.Exec ? Names.Exec : Names.Default;
            if (!TryGetQueue(name, out queue, out var missing)) return Refused(task, missing);
            if (queue.Messages is not null) return Refused(task, MessageRules.WrongKind(queue));
            (_terms, _termsQueue) = (task.Terms, queue);
        }

        if (task.IdempotencyKey is { } key && _idempotency.TryGetValue((queue.Name, key), out var known))
        {
            if (_turn.DueOf(known) > Now.Monotonic) return Deduplicate(session, task, known);
            ForgetKey(known);
        }

        if (RefusePayload(queue, task.Payload) is { } unfit) return Refused(task, unfit);
        if (RefuseForRoom(queue, task, 1, task.Payload.Length) is { } full) return Refused(task, full);
        var entry = AddTask(queue, task, again: null);
        if (task.WantsOutcome && !session.IsNone) SubmittedBy(session, entry);
        if (task.IdempotencyKey is { } fresh && Mutant != Mutant.ForgetIdempotencyKey)
            Remember(queue, fresh, entry, task);
        return new SubmitResult(task.Tag, entry.Id, Deduplicated: false, null);
    }

    /// <summary>What is in a segment must be there, and fit where it is to be kept.</summary>
    private Rejection? RefusePayload(QueueEntry queue, TaskPayload payload)
    {
        if (payload.Range is not { } range) return null;
        if (!_segments.AreThere(range)) return SegmentRules.NotThere(range);
        return queue.IsDurable && range.Length > _limits.StoredPayloadBytesMax
            ? SegmentRules.TooLargeToStore(range, _limits)
            : null;
    }

    private SubmitResult Deduplicate(SessionId session, TaskSubmission task, IdempotencyRecord known)
    {
        if (known.Fingerprint != IdempotencyRecord.FingerprintOf(task))
        {
            return Refused(task, Rejections.IdempotencyConflict(task.IdempotencyKey!, known.Task));
        }

        if (task.WantsOutcome && !session.IsNone)
        {
            var refusal = RefuseWatch(session, known.Task, task.Tag, out var first);
            if (first is null)
            {
                return Refused(task, new Rejection(
                    RejectionReason.TaskNotFound,
                    $"The idempotency key '{task.IdempotencyKey}' was used for task {known.Task}, which has ended " +
                    "and is kept no longer, so its outcome cannot be told. Use another key.",
                    "idempotency_key", known.Task.ToString()));
            }

            if (refusal is not null) return Refused(task, refusal);
            if (first.State.IsFinal()) _told.Add((task.Tag, OutcomeOf(first)));
            else Hear(session, first, task.Tag, false);
        }

        return new SubmitResult(task.Tag, known.Task, Deduplicated: true, null);
    }

    private void Remember(QueueEntry queue, string key, TaskEntry entry, TaskSubmission task)
    {
        var stored = new StoredKey(
            queue.Name, key, entry.Id, IdempotencyRecord.FingerprintOf(task),
            Now.Wall + (task.IdempotencyTtl ?? TimeSpan.FromDays(1)));
        var isStored = entry.IsStored && Mutant != Mutant.ForgetKeyAtRestart;
        if (isStored) Persist(new Change.KeyRemembered(stored), MustFlush(queue));
        Remember(stored, isStored);
    }

    private void Remember(StoredKey key, bool isStored)
    {
        var record = new IdempotencyRecord((key.Queue, key.Key), key.Task, key.Fingerprint) { IsStored = isStored };
        _idempotency.Add(record.Key, record);
        SetTimer(record, Now.Monotonic + (key.Until - Now.Wall));
    }

    private void ForgetKey(IdempotencyRecord record)
    {
        SetTimer(record, Instant.Never);
        _idempotency.Remove(record.Key);
        if (record.IsStored)
            Persist(new Change.KeyForgotten(record.Key.Queue, record.Key.Key), mustFlush: false);
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

        if (_isStoreFull && queue.IsDurable) return Rejections.StoreFull(queue);

        if (queue.TasksMax > 0 && queue.CountedTasks + count > queue.TasksMax)
            return Rejections.QueueFull(queue, "tasks_max", queue.TasksMax);
        if (queue.BytesMax > 0 && queue.CountedBytes + bytes > queue.BytesMax)
            return Rejections.QueueFull(queue, "bytes_max", queue.BytesMax);
        if (_openTasks + count > _limits.TasksMax)
            return Rejections.Limit(nameof(BrokerLimits.TasksMax), _limits.TasksMax, "tasks that have not ended");
        if (RefuseBytes(bytes) is { } noRoom) return noRoom;

        if (task?.IdempotencyKey is not null && _idempotency.Count >= _limits.IdempotencyKeysMax)
            return Rejections.Limit(
                nameof(BrokerLimits.IdempotencyKeysMax), _limits.IdempotencyKeysMax, "idempotency keys");
        return null;
    }

    private Rejection? RefuseBytes(long more) =>
        _openBytes + _waits.KeptBytes + more <= _limits.PayloadBytesTotalMax ? null : Rejections.Limit(
            nameof(BrokerLimits.PayloadBytesTotalMax), _limits.PayloadBytesTotalMax,
            "payload bytes of tasks that have not ended");

    /// <summary>A new task, or what <paramref name="again"/> was, once more: stored where that is.</summary>
    private TaskEntry AddTask(QueueEntry queue, TaskSubmission task, TaskEntry? again)
    {
        // Its record must name its queue, also where the submitter left that to us.
        if (task.Queue != queue.Name && queue.IsDurable) task = task with { Queue = queue.Name };
        var entry = new TaskEntry(new TaskId(_nextTask++), queue, task, Now.Wall)
        {
            RetryOf = again?.Id,
            IsStored = queue.IsDurable || again?.IsStored == true,
        };
        _tasks.Add(entry);
        _segments.Hold(task.Payload, entry.Id);
        Open(entry);
        var delay = task.Delay ?? task.RunAt - Now.Wall ?? TimeSpan.Zero;
        if (Mutant == Mutant.IgnoreDelay && task.Delay is not null) delay = TimeSpan.Zero;
        if (delay > TimeSpan.Zero) Schedule(entry, delay);
        else Enqueue(entry, atOldPlace: false);
        PersistAdded(entry, task);
        return entry;
    }

    /// <summary>It counts among those that have not ended, and under its concurrency key.</summary>
    private void Open(TaskEntry entry)
    {
        _openTasks++;
        _openBytes += entry.PayloadBytes;
        entry.Queue.PayloadBytes += entry.PayloadBytes;
        if (entry.ConcurrencyKey is { } key)
            EnterGate(entry, entry.Queue, key, Math.Max(1, entry.ConcurrencyLimit));
    }

    private void Schedule(TaskEntry entry, TimeSpan delay)
    {
        entry.BecomeScheduled(Now.Wall + delay);
        entry.Queue.Moved(0, TaskState.Scheduled);
        Wait(entry, delay);
    }

    private static SubmitResult Refused(TaskSubmission task, Rejection rejection) =>
        new(task.Tag, default, false, rejection);
}
