namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void Settle(WorkerEntry worker, Settlement settlement)
    {
        if (settlement is not Settlement.Succeeded { Result.Range: { } range } || !_segments.AreThere(range))
        {
            SettleNow(worker, settlement);
            return;
        }

        // Where nobody holds it afterwards its maker is told so: the result may not be wanted.
        _segments.Hold(range.Segment);
        SettleNow(worker, settlement);
        _segments.Unhold(range.Segment);
    }

    private void SettleNow(WorkerEntry worker, Settlement settlement)
    {
        if (LeaseOf(worker, settlement.Attempt) is not { } lease) return;
        if (worker.Step >= StopStep.Terminated && (lease.IsStopped || settlement is not Settlement.Succeeded))
        {
            // Its process is on its way out: the exit tells what became of it.
            return;
        }

        if (lease.Task.CancelRequested)
        {
            FinishCancelled(lease);
            return;
        }

        if (lease.IsTimedOut)
        {
            FailTimedOut(lease);
            return;
        }

        switch (settlement)
        {
            case Settlement.Succeeded succeeded when RefuseResult(lease.Task, succeeded.Result) is { } refusal:
                FailAttempt(lease, refusal, isFinal: true);
                break;
            case Settlement.Succeeded succeeded:
                Succeed(lease, succeeded.Result);
                break;
            case Settlement.Failed { Failure.Kind: FailureKind.Cancelled }
                when lease is { IsUrged: true, IsSoftAsked: false }:
                GoBack(lease);
                break;
            case Settlement.Failed failed:
                var failure = Clean(failed.Failure, worker);
                FailAttempt(lease, failure, IsFinal(lease.Task, failure));
                break;
            case Settlement.Released:
                GoBack(lease);
                break;
            case Settlement.Snoozed snoozed:
                var delay = TimeSpan.FromTicks(Math.Clamp(snoozed.Delay.Ticks, 0, _limits.DelayMax.Ticks));
                var task = EndLease(lease, null, TaskState.Retrying, recordsAttempt: false);
                StartRetrying(task, delay);
                break;
        }
    }

    private TaskFailure? RefuseResult(TaskEntry task, TaskPayload result)
    {
        if (result.Range is null)
        {
            return result.Length <= _limits.PayloadBytesMax ? null
                : ResultTooLarge(result, "payload_bytes_max", _limits.PayloadBytesMax);
        }

        if (!_segments.AreThere(result.Range))
        {
            return new TaskFailure(
                FailureKind.Rejected,
                $"The result is said to be in segment {result.Range.Segment}, and is not there. " +
                "The worker must keep it open.");
        }

        return task.IsStored && result.Length > _limits.StoredPayloadBytesMax
            ? ResultTooLarge(result, "stored_payload_bytes_max", _limits.StoredPayloadBytesMax)
            : null;
    }

    private static TaskFailure ResultTooLarge(TaskPayload result, string limit, int most) => new(
        FailureKind.Rejected,
        $"The result has {result.Length} bytes, more than {limit} ({most}). Return less, or raise the limit.");

    private bool IsFinal(TaskEntry task, TaskFailure failure) =>
        Mutant != Mutant.RetryNonRetryable &&
        (failure.Kind == FailureKind.Rejected || failure.NonRetryable ||
            task.Plan.Retry.NonRetryableErrorTypes.Contains(failure.ErrorType));

    private void Succeed(Lease lease, TaskPayload result)
    {
        var view = IsShownAfterEnd(lease.Task) ? ViewOf(lease, null) : null;
        var task = EndLease(lease, null, TaskState.Succeeded);
        Finish(task, TaskState.Succeeded, null, result, view, lease.Worker.Id);
    }

    /// <summary>Of the others nobody sees more than their outcome, which says nothing of their attempts.</summary>
    private static bool IsShownAfterEnd(TaskEntry task) =>
        task.IsStored || task.Watchers is not null || task.Plan.ResultTtl != TimeSpan.Zero;

    private void FinishCancelled(Lease lease, TaskPayload? result = null)
    {
        var cancelled = CancelFailure(lease.Task.CancelText) with
        {
            Worker = lease.Worker.Id,
            ProcessId = lease.Worker.ProcessId,
        };
        var failure = WithExit(cancelled, lease.Worker.Exit);
        var (view, task) = (ViewOf(lease, failure), EndLease(lease, failure, TaskState.Cancelled));
        Finish(task, TaskState.Cancelled, failure, result, view);
    }

    private void FailTimedOut(Lease lease, TaskPayload? result = null)
    {
        var plan = lease.Task.Plan;
        var text = lease.IsTimedOut
            ? $"It ran past its timeout of {plan.Timeout}."
            : $"It ran past its soft timeout of {plan.SoftTimeout} and did not stop in its grace of {plan.Grace}.";
        var failure = WithExit(FailureOf(lease.Worker, FailureKind.Timeout, text), lease.Worker.Exit);
        FailAttempt(lease, failure, isFinal: false, result);
    }

    /// <summary>The attempt counts as failed: it is tried again, or the task ends with it.</summary>
    private void FailAttempt(Lease lease, TaskFailure failure, bool isFinal, TaskPayload? result = null)
    {
        var task = lease.Task;
        task.FailedAttempts++;
        var ends = isFinal || task.FailedAttempts >= task.Plan.Retry.MaxAttempts;
        if (ends && isFinal && failure.Kind != FailureKind.Rejected) failure = failure with { NonRetryable = true };
        var state = !ends ? TaskState.Retrying
            : failure.Kind == FailureKind.Timeout ? TaskState.TimedOut : TaskState.Failed;
        var view = ViewOf(lease, failure);
        EndLease(lease, failure, state);
        if (ends)
        {
            Finish(task, state, failure, result, view);
            return;
        }

        task.LatestFailure = failure;
        var delay = _prng.Spread(task.Plan.Retry.BackoffAfter(task.FailedAttempts), task.Plan.Retry.Jitter);
        StartRetrying(task, delay < task.Plan.Retry.MaxBackoff ? delay : task.Plan.Retry.MaxBackoff);
    }

    /// <summary>The worker is gone and the attempt with it: a lost delivery, again or for the last time.</summary>
    private void LoseAttempt(Lease lease, TaskFailure failure)
    {
        var view = ViewOf(lease, failure);
        var isLast = CountLost(lease.Task);
        var task = EndLease(lease, failure, isLast ? TaskState.Failed : TaskState.Queued, recordsAttempt: false);
        EndLost(task, isLast, failure, view, atOldPlace: true);
    }

    /// <summary>One more delivery is lost; whether it was the last that the task had.</summary>
    private bool CountLost(TaskEntry task)
    {
        if (Mutant != Mutant.ForgetLostDelivery) task.LostDeliveries++;
        return task.LostDeliveries >= task.Plan.Retry.MaxDeliveries;
    }

    private void EndLost(TaskEntry task, bool isLast, TaskFailure failure, AttemptView? attempt, bool atOldPlace)
    {
        if (isLast)
        {
            Finish(task, TaskState.Failed, failure, null, attempt);
            return;
        }

        if (attempt is not null) Record(task, attempt);
        task.LatestFailure = failure;
        Enqueue(task, atOldPlace);
        PersistMoved(task);
    }

    /// <summary>Back to its old place, and nothing is counted.</summary>
    private void GoBack(Lease lease)
    {
        var task = EndLease(lease, null, TaskState.Queued, recordsAttempt: false);
        Enqueue(task, atOldPlace: true);
        PersistMoved(task);
    }

    /// <summary>
    /// The worker has its slot back, and begins the next one. The task is in no list until the caller puts it in one.
    /// </summary>
    private TaskEntry EndLease(Lease lease, TaskFailure? failure, TaskState next, bool recordsAttempt = true)
    {
        var (task, worker) = (lease.Task, lease.Worker);
        SetTimer(task, Instant.Never);
        if (worker.NextToBegin == lease) worker.NextToBegin = LinkedRing<Lease, Lease.Links>.After(lease);
        worker.Held.Remove(lease);
        if (lease.IsBegun && Mutant != Mutant.KeepSlot) worker.Begun--;
        if (lease.IsWaiting)
        {
            worker.Waiting--;
            task.Queue.WaitingAttempts--;
        }

        if (lease.IsBegun)
        {
            worker.AttemptsTotal++;
            if (worker.Pool is { } pool) pool.AttemptsTotal++;
        }

        if (recordsAttempt && !next.IsFinal()) Record(task, ViewOf(lease, failure));
        var started = lease.IsBegun ? lease.StartedAt : Now.Monotonic;
        Emit(new Effect.AttemptEnded(new AttemptReport(
            lease.Attempt, worker.Id, task.Queue.Name, task.Handler, next, failure, started - task.QueuedAt,
            Now.Monotonic - started, task.Traceparent, task.Tracestate)));
        if (worker.Step < StopStep.Terminated) BeginNext(worker);
        RecycleIfDue(worker);
        UpdateState(worker);
        return task;
    }

    private void Record(TaskEntry task, AttemptView view)
    {
        task.PastAttempts ??= [];
        if (task.PastAttempts.Count >= Math.Max(1, _limits.AttemptRecordsMax - 1)) task.PastAttempts.RemoveAt(0);
        task.PastAttempts.Add(view);
    }

    private TaskFailure Clean(TaskFailure failure, WorkerEntry worker) => failure with
    {
        Kind = failure.Kind is FailureKind.Rejected or FailureKind.Cancelled ? failure.Kind : FailureKind.Error,
        Message = Cut(failure.Message, _limits.MessageLengthMax),
        ErrorType = Cut(failure.ErrorType, 256),
        Detail = Cut(failure.Detail, _limits.DetailLengthMax),
        OutputTail = Cut(failure.OutputTail, _limits.OutputTailLengthMax),
        Worker = worker.Id,
        ProcessId = worker.ProcessId,
    };

    private static TaskFailure FailureOf(WorkerEntry worker, FailureKind kind, string message) =>
        new(kind, message) { Worker = worker.Id, ProcessId = worker.ProcessId };
}
