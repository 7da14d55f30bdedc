namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private readonly List<ModelKey> _keys = [];

    private void Submit(Command.SubmitTasks submit)
    {
        if (IsShuttingDown && Refusal() == RejectionReason.DaemonDraining) return;
        if (_reply is not Response.Submitted submitted || submitted.Results.Count != submit.Tasks.Count)
        {
            Fail($"A submit of {submit.Tasks.Count} was answered with {_reply}.");
            return;
        }

        for (var index = 0; index < submit.Tasks.Count; index++)
            SubmitOne(submit.Session, submit.Tasks[index], submitted.Results[index]);
    }

    private void SubmitOne(SessionId session, TaskSubmission task, SubmitResult result)
    {
        Require(result.Tag == task.Tag, $"The result of {task.Tag} carries the tag {result.Tag}.");
        var queueName = task.Queue.Length > 0 ? task.Queue : task.Handler == "exec" ? "exec" : "default";
        var queue = FindQueue(queueName);
        if (!IsValid(task))
        {
            RequireResult(result, task.Payload.Data.Length > limits.PayloadBytesMax
                ? RejectionReason.PayloadTooLarge : RejectionReason.InvalidRequest, task);
            return;
        }

        if (IsShuttingDown) { RequireResult(result, RejectionReason.DaemonDraining, task); return; }
        if (queue is null && queueName is "default" or "exec") queue = FindQueue(queueName) ?? AddQueue(queueName);
        if (queue is null) { RequireResult(result, RejectionReason.QueueNotFound, task); return; }

        if (Known(queueName, task.IdempotencyKey) is { } earlier)
        {
            if (!HasSameContent(earlier.Given, task))
            {
                RequireResult(result, RejectionReason.IdempotencyConflict, task);
                return;
            }

            if (task.WantsOutcome && !session.IsNone && Find(earlier.Task) is null)
            {
                RequireResult(result, RejectionReason.TaskNotFound, task);
                return;
            }

            var isFull = task.WantsOutcome && !session.IsNone ? WatchRefusal(session, earlier.Task, task.Tag) : null;
            RequireResult(result, isFull, task);
            if (isFull is not null) return;
            Require(
                result.Deduplicated && result.Id == earlier.Task,
                $"{task.IdempotencyKey} gave {result.Id}, not {earlier.Task}.");
            if (task.WantsOutcome) Listen(session, earlier.Task, task.Tag);
            return;
        }

        var refusal = RoomRefusal(queue, task);
        RequireResult(result, refusal, task);
        if (refusal is not null) return;
        Require(!result.Deduplicated, $"{result.Id} was deduplicated against nothing.");
        var added = Add(result.Id, queue, task, again: null);
        if (task.WantsOutcome) (added.Submitter, added.SubmitterTag) = (session, task.Tag);
        if (task.IdempotencyKey is { } key)
        {
            var ttl = task.IdempotencyTtl ?? TimeSpan.FromDays(1);
            var known = new ModelKey(
                queueName, key, added.Id, _now.Monotonic + ttl, _now.Wall + ttl, task, added.IsStored);
            _keys.Add(known);
            if (known.IsStored) _disk.Write(_turn, known, isThere: true);
        }
    }

    private RejectionReason? RoomRefusal(ModelQueue queue, TaskSubmission task)
    {
        if (queue.State == QueueState.Draining) return RejectionReason.QueueDraining;
        var (open, bytes, queueOpen, queueBytes) = (0, 0L, 0, 0L);
        foreach (var other in _tasks)
        {
            if (other.State.IsFinal()) continue;
            open++;
            bytes += other.PayloadBytes;
            if (other.Queue != queue) continue;
            queueOpen++;
            queueBytes += other.PayloadBytes;
        }

        var length = task.Payload.Data.Length;
        if (queue.Settings.TasksMax > 0 && queueOpen >= queue.Settings.TasksMax) return RejectionReason.QueueFull;
        if (queue.Settings.BytesMax > 0 && queueBytes + length > queue.Settings.BytesMax)
            return RejectionReason.QueueFull;
        if (open >= limits.TasksMax || bytes + length > limits.PayloadBytesTotalMax)
            return RejectionReason.LimitReached;
        if (task.IdempotencyKey is not null && _keys.Count >= limits.IdempotencyKeysMax)
            return RejectionReason.LimitReached;
        return null;
    }

    private ModelTask Add(TaskId id, ModelQueue queue, TaskSubmission given, ModelTask? again)
    {
        Require(id.Value > _lastId.Value, $"{id} was given after {_lastId}.");
        _lastId = id;
        var task = new ModelTask
        {
            Id = id,
            Queue = queue,
            Given = given,
            Plan = ModelPlan.Of(given, queue.Settings),
            SubmittedAt = _now.Wall,
            RetryOf = again?.Id,
            IsStored = queue.Settings.Durability != Durability.Memory || again is { IsStored: true },
        };
        _tasks.Add(task);
        if (task.IsStored && !queue.IsStored)
        {
            queue.IsStored = true;
            WriteQueue(queue);
        }

        Touch(task);
        if (task.Key is { } key) SetKeyLimit(task, key, Math.Max(1, given.ConcurrencyLimit));
        if (given.Delay is { Ticks: > 0 } delay)
        {
            task.State = TaskState.Scheduled;
            task.Due = _now.Monotonic + delay;
            task.DueWall = _now.Wall + delay;
        }
        else if (given.RunAt is { } runAt && runAt > _now.Wall)
        {
            task.State = TaskState.Scheduled;
            task.DueWall = runAt;
        }
        else
        {
            BecomeQueued(task, ++_orders);
        }

        return task;
    }

    private void SetKeyLimit(ModelTask task, string key, int limit)
    {
        var queue = task.Queue;
        var isInUse = _tasks.Exists(other =>
            other != task && other.Queue == queue && other.Key == key && !other.State.IsFinal());
        queue.KeyLimits[key] = limit;
        queue.KeyHighs[key] = isInUse ? Math.Max(limit, queue.KeyHighs.GetValueOrDefault(key)) : limit;
    }

    private void BecomeQueued(ModelTask task, long order)
    {
        task.State = TaskState.Queued;
        task.Order = order;
        task.Due = Instant.Never;
        task.DueWall = null;
        task.IsDueUnwritten = false;
        task.ResultBytes = 0;
        if (task.Attempt == 0 && task.Given.QueueTimeout is { } timeout) task.ExpireAt = _now.Monotonic + timeout;
        Touch(task);
    }

    private (TaskId Task, TaskSubmission Given)? Known(string queue, string? key)
    {
        if (key is null) return null;
        ForgetKeys(one => one.Until <= _now.Monotonic);
        foreach (var one in _keys)
        {
            if (one.Queue == queue && one.Key == key) return (one.Task, one.Given);
        }

        return null;
    }

    private static bool HasSameContent(TaskSubmission one, TaskSubmission other) =>
        one.Handler == other.Handler && one.Payload.ContentType == other.Payload.ContentType &&
        one.Payload.Data.Span.SequenceEqual(other.Payload.Data.Span);

    private bool IsValid(TaskSubmission task) =>
        IsName(task.Handler) &&
        (task.Queue.Length == 0 || IsName(task.Queue)) &&
        task.Payload.Data.Length <= limits.PayloadBytesMax &&
        task.Priority is >= -128 and <= 127 &&
        task.Delay is not { Ticks: < 0 } &&
        !(task.Delay is not null && task.RunAt is not null) &&
        task.Timeout is not { Ticks: <= 0 } &&
        !(task.Grace > limits.GraceMax) &&
        task.IdempotencyKey is not "";

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 128 && text.All(letter =>
            char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');

    private static void RequireResult(SubmitResult result, RejectionReason? expected, TaskSubmission task)
    {
        if (result.Rejection?.Reason == expected) return;
        Fail(
            $"A submit of {task.Handler} to '{task.Queue}' gave {result.Id} {result.Rejection}, " +
            $"not {expected?.ToString() ?? "a task"}.");
    }
}
