namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void Give(TaskEntry task, WorkerEntry worker)
    {
        var lease = Grant(task, worker);
        worker.Credits--;
        PersistMoved(task);
        Emit(new Effect.Assign(worker.Id, AssignmentOf(lease)));
        worker.NextToBegin ??= lease;
        BeginNext(worker);
        UpdateState(worker);
        // In turn: the one that just got a task is the last to get the next.
        worker.Ring?.MoveToEnd(worker);
        TellChange(task);
    }

    private void GiveExec(TaskEntry task, PoolEntry pool)
    {
        var worker = new WorkerEntry(
            new WorkerId(_nextWorker++), WorkerKind.Exec, pool.Group, pool.Generation, Now.Wall)
        {
            State = WorkerState.Busy,
        };
        _workers.Add(worker.Id.Value, worker);
        pool.Workers.Add(worker.Id.Value, worker);
        var lease = Grant(task, worker);
        PersistMoved(task);
        Emit(new Effect.StartExec(worker.Id, pool.Settings, AssignmentOf(lease)));
        worker.NextToBegin = lease;
        BeginNext(worker);
        TellChange(task);
    }

    private Lease Grant(TaskEntry task, WorkerEntry worker)
    {
        var lease = new Lease(task, worker, Now.Monotonic, Now.Wall);
        task.BecomeRunning(lease);
        task.Queue.Moved(TaskState.Queued, TaskState.Running);
        worker.Held.AddLast(lease);
        worker.HasWorked = true;
        UpdateOffers(task.Queue);
        return lease;
    }

    private static Assignment AssignmentOf(Lease lease)
    {
        var task = lease.Task;
        return new Assignment
        {
            Attempt = lease.Attempt,
            Target = task.Target,
            Payload = lease.Worker.MapsSegments ? task.Payload : task.Payload.ToRead(),
            SubmittedAt = task.SubmittedAt,
            FailedAttempts = task.FailedAttempts,
        };
    }

    /// <summary>Workers begin their assignments in order, as many at once as they have slots.</summary>
    private void BeginNext(WorkerEntry worker)
    {
        while (worker.NextToBegin is { } lease && worker.Begun - worker.Waiting < worker.Slots)
        {
            worker.NextToBegin = LinkedRing<Lease, Lease.Links>.After(lease);
            worker.Begun++;
            lease.Begin(Now.Monotonic, Now.Wall);
            var plan = lease.Task.Plan;
            lease.SoftDue = plan.SoftTimeout is { } soft ? Now.Monotonic + soft : Instant.Never;
            lease.HardDue = plan.Timeout is { } hard ? Now.Monotonic + hard : Instant.Never;
            SetTimer(lease.Task, lease.NextDue);
        }
    }

    private void TakeReport(Command.WorkerReport report)
    {
        if (!_workers.TryGetValue(report.Worker.Value, out var worker) || !worker.IsConnected) return;
        worker.HungDue = Now.Monotonic + worker.HeartbeatTimeout;
        if (report.Credits > 0)
            worker.Credits = (int)Math.Min((long)worker.Credits + report.Credits, _limits.CreditsMax);
        worker.MapsSegments |= report.MapsSegments;
        foreach (var (attempt, progress) in report.Progress) SetProgress(worker, attempt, progress);
        foreach (var (attempt, timeout) in report.Extensions) Extend(worker, attempt, timeout);
        foreach (var (attempt, waiting) in report.Waits) SetWaiting(worker, attempt, waiting);
        foreach (var settlement in report.Settlements) Settle(worker, settlement);
        if (worker.IsConnected) UpdateState(worker);
    }

    private Lease? LeaseOf(WorkerEntry worker, AttemptId attempt)
    {
        if (_tasks.Find(attempt.Task)?.Lease is { } lease && lease.Worker == worker &&
            (lease.Attempt == attempt || Mutant == Mutant.SkipAttemptCheck))
        {
            return lease;
        }

        if (Mutant == Mutant.SkipAttemptCheck && _tasks.Find(attempt.Task)?.Lease is { } other) return other;
        Emit(new Effect.RefuseAttempt(worker.Id, attempt, Rejections.AttemptStale(attempt, worker.Id)));
        return null;
    }

    private void Extend(WorkerEntry worker, AttemptId attempt, TimeSpan timeout)
    {
        if (LeaseOf(worker, attempt) is not { } lease) return;
        if (timeout <= TimeSpan.Zero || timeout > _limits.TimeoutMax)
        {
            Emit(new Effect.RefuseAttempt(
                worker.Id, attempt,
                Rejections.Invalid("timeout", $"An extension is more than 0 and at most {_limits.TimeoutMax}.")));
            return;
        }

        if (!lease.IsBegun || lease.IsTimedOut || lease.IsStopped || lease.Task.CancelRequested) return;
        lease.HardDue = Now.Monotonic + timeout;
        if (!lease.IsSoftAsked && lease.Task.Plan.SoftTimeout is { } soft) lease.SoftDue = Now.Monotonic + soft;
        SetTimer(lease.Task, lease.NextDue);
    }

    private void SetWaiting(WorkerEntry worker, AttemptId attempt, bool waiting)
    {
        if (LeaseOf(worker, attempt) is not { } lease || !lease.IsBegun || lease.IsWaiting == waiting) return;
        if (waiting && worker.Held.Count >= _limits.SlotsMax)
        {
            Emit(new Effect.RefuseAttempt(
                worker.Id, attempt,
                Rejections.Limit(nameof(BrokerLimits.SlotsMax), _limits.SlotsMax, "attempts on one worker")));
            return;
        }

        if (Mutant == Mutant.KeepSlotWhileWaiting) return;
        lease.IsWaiting = waiting;
        worker.Waiting += waiting ? 1 : -1;
        lease.Task.Queue.WaitingAttempts += waiting ? 1 : -1;
        worker.Credits += waiting ? 1 : -1;
        BeginNext(worker);
        UpdateOffers(lease.Task.Queue);
    }

    private void SetProgress(WorkerEntry worker, AttemptId attempt, TaskProgress progress)
    {
        if (LeaseOf(worker, attempt) is not { } lease) return;
        lease.Task.Progress = progress with { Message = Cut(progress.Message, _limits.ReasonLengthMax) };
        TellChange(lease.Task);
    }

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..max];
}
