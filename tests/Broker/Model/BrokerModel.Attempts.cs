namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private void Report(Command.WorkerReport report)
    {
        if (FindWorker(report.Worker) is not { IsConnected: true } worker) return;
        worker.LastHeard = _now.Monotonic;
        worker.Credits = Math.Min(worker.Credits + Math.Max(0, report.Credits), limits.CreditsMax + limits.SlotsMax);
        foreach (var (attempt, _) in report.Progress)
        {
            if (RunningOn(worker, attempt) is null) RequireRefused(worker, attempt);
        }

        foreach (var (attempt, timeout) in report.Extensions) Extend(worker, attempt, timeout);
        foreach (var (attempt, waiting) in report.Waits) Wait(worker, attempt, waiting);
        foreach (var settlement in report.Settlements) Settle(worker, settlement);
    }

    private static ModelTask? RunningOn(ModelWorker worker, AttemptId attempt) =>
        worker.Held.Find(task => task.AttemptId == attempt);

    private void RequireRefused(ModelWorker worker, AttemptId attempt)
    {
        foreach (var effect in _effects)
        {
            if (effect is Effect.RefuseAttempt { Rejection.Reason: RejectionReason.AttemptStale } refuse &&
                refuse.Worker == worker.Id && refuse.Attempt == attempt)
            {
                return;
            }
        }

        Fail($"{worker.Id} was not told that {attempt} is stale.");
    }

    private void Settle(ModelWorker worker, Settlement settlement)
    {
        if (RunningOn(worker, settlement.Attempt) is not { } task)
        {
            RequireRefused(worker, settlement.Attempt);
            return;
        }

        if (worker.IsStopping && (task.IsStopped || settlement is not Settlement.Succeeded)) return;
        var wasSoftAsked = task.SoftAsked;
        Leave(task, countsAsDone: true);
        if (task.CancelRequested)
        {
            End(task, TaskState.Cancelled, FailureKind.Cancelled);
            return;
        }

        if (task.HardPassed)
        {
            FailAttempt(task, FailureKind.Timeout, isFinal: false);
            return;
        }

        switch (settlement)
        {
            case Settlement.Succeeded succeeded:
                task.ResultBytes = succeeded.Result.Data.Length;
                End(task, TaskState.Succeeded, null);
                break;
            case Settlement.Failed { Failure.Kind: FailureKind.Cancelled } when task.IsUrged && !wasSoftAsked:
                BecomeQueued(task, task.Order);
                break;
            case Settlement.Failed failed:
                FailAttempt(task, failed.Failure.Kind, IsFinal(task, failed.Failure));
                break;
            case Settlement.Released:
                BecomeQueued(task, task.Order);
                break;
            case Settlement.Snoozed snoozed:
                Retry(task, snoozed.Delay, snoozed.Delay);
                break;
        }
    }

    private static bool IsFinal(ModelTask task, TaskFailure failure) =>
        failure.Kind == FailureKind.Rejected || failure.NonRetryable ||
        task.Plan.NonRetryable.Contains(failure.ErrorType);

    private void FailAttempt(ModelTask task, FailureKind kind, bool isFinal)
    {
        task.Failed++;
        task.Failure = kind;
        if (isFinal || task.Failed >= task.Plan.MaxAttempts)
        {
            End(
                task,
                kind == FailureKind.Timeout ? TaskState.TimedOut : TaskState.Failed,
                kind);
            return;
        }

        var delay = Math.Min(
            task.Plan.InitialBackoff.Ticks * Math.Pow(task.Plan.Multiplier, task.Failed - 1),
            task.Plan.MaxBackoff.Ticks);
        var longest = Math.Min(delay * (1 + task.Plan.Jitter), task.Plan.MaxBackoff.Ticks);
        Retry(task, TimeSpan.FromTicks((long)(delay * (1 - task.Plan.Jitter))), TimeSpan.FromTicks((long)longest));
    }

    private void Retry(ModelTask task, TimeSpan shortest, TimeSpan longest)
    {
        task.State = TaskState.Retrying;
        task.ResultBytes = 0;
        task.BackoffRange = (shortest, longest);
        Touch(task);
    }

    /// <summary>The attempt is over, whatever comes next; the worker's next one begins.</summary>
    private void Leave(ModelTask task, bool countsAsDone = false)
    {
        var worker = task.Worker!;
        worker.Held.Remove(task);
        worker.IdleSince = _now.Monotonic;
        if (countsAsDone) worker.AttemptsEnded++;
        task.Worker = null;
        task.IsBegun = task.IsWaiting = task.SoftAsked = false;
        task.SoftAt = task.HardAt = task.StopAt = Instant.Never;
        BeginNext(worker);
        Touch(task);
    }

    private void BeginNext(ModelWorker worker)
    {
        if (worker.IsStopping) return;
        var running = worker.Held.Count(task => task.IsBegun && !task.IsWaiting);
        foreach (var task in worker.Held)
        {
            if (running >= worker.Slots) return;
            if (task.IsBegun) continue;
            running++;
            Begin(task);
        }
    }

    private void Begin(ModelTask task)
    {
        task.IsBegun = true;
        task.SoftAt = task.Given.SoftTimeout is { } soft ? _now.Monotonic + soft : Instant.Never;
        task.HardAt = task.Plan.Timeout is { } hard ? _now.Monotonic + hard : Instant.Never;
    }

    private void Extend(ModelWorker worker, AttemptId attempt, TimeSpan timeout)
    {
        if (RunningOn(worker, attempt) is not { } task)
        {
            RequireRefused(worker, attempt);
            return;
        }

        if (!task.IsBegun || task.HardPassed || task.IsStopped || task.CancelRequested) return;
        task.HardAt = _now.Monotonic + timeout;
        if (task.SoftAsked) return;
        task.SoftAt = task.Given.SoftTimeout is { } soft ? _now.Monotonic + soft : Instant.Never;
    }

    private void Wait(ModelWorker worker, AttemptId attempt, bool waiting)
    {
        if (RunningOn(worker, attempt) is not { } task)
        {
            RequireRefused(worker, attempt);
            return;
        }

        if (task.IsWaiting == waiting || !task.IsBegun) return;
        task.IsWaiting = waiting;
        worker.Credits += waiting ? 1 : -1;
        BeginNext(worker);
    }

    /// <summary>The task's one end.</summary>
    private void End(ModelTask task, TaskState state, FailureKind? kind)
    {
        Require(!task.State.IsFinal(), $"{task.Id} ended twice.");
        task.State = state;
        task.Failure = kind;
        task.Due = task.ExpireAt = Instant.Never;
        task.ForgetAt = _now.Monotonic + task.Plan.ResultTtl;
        task.EndedWall = _now.Wall;
        task.DueWall = null;
        task.IsDueUnwritten = false;
        task.EndNumber = ++_ends;
        switch (state)
        {
            case TaskState.Succeeded: task.Queue.Succeeded++; break;
            case TaskState.Cancelled: task.Queue.Cancelled++; break;
            default: task.Queue.Failed++; break;
        }

        if (state is TaskState.Failed or TaskState.TimedOut && task.ForgetAt > _now.Monotonic) BecomeDead(task);
        TellOfEnd(task);
        Touch(task);
    }

    private void BecomeDead(ModelTask task)
    {
        task.IsDead = true;
        _limited.Add(task.Queue);
    }

    private List<ModelTask> DeadOf(ModelQueue queue)
    {
        var dead = _tasks.FindAll(task => task.IsDead && task.Queue == queue);
        dead.Sort((left, right) => left.EndNumber.CompareTo(right.EndNumber));
        return dead;
    }
}
