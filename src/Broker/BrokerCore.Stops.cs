namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private static readonly TimeSpan LostStreamGrace = TimeSpan.FromMilliseconds(500);

    private void CancelRunning(TaskEntry task, string reason, TimeSpan grace)
    {
        if (task.MessageLease is { } held)
        {
            // There is no work to stop: whoever holds it is told when he settles it.
            EndHold(held);
            EndMessage(task, TaskState.Cancelled);
            return;
        }

        var lease = task.Lease!;
        if (!task.CancelRequested)
        {
            task.CancelRequested = true;
            task.CancelText = reason;
            PersistMoved(task, mustFlush: Mutant != Mutant.CancelUnflushed);
            Ask(lease, CancelReason.Cancelled, grace);
            TellChange(task);
        }

        StopBy(lease, Now.Monotonic + grace);
    }

    private void LeaseDue(Lease lease)
    {
        if (lease.HardDue <= Now.Monotonic)
        {
            lease.IsTimedOut = true;
            lease.HardDue = lease.SoftDue = Instant.Never;
            if (!lease.Task.CancelRequested) Ask(lease, CancelReason.Timeout, lease.Task.Plan.Grace);
            StopBy(lease, Now.Monotonic + lease.Task.Plan.Grace);
        }

        if (lease.SoftDue <= Now.Monotonic)
        {
            lease.IsSoftAsked = true;
            lease.SoftDue = Instant.Never;
            if (!lease.Task.CancelRequested) Ask(lease, CancelReason.SoftTimeout, lease.Task.Plan.Grace);
            StopBy(lease, Now.Monotonic + lease.Task.Plan.Grace);
        }

        var isOverdue = lease.StopDue <= Now.Monotonic;
        if (isOverdue) lease.StopDue = Instant.Never;
        SetTimer(lease.Task, lease.NextDue);
        if (isOverdue && Mutant != Mutant.NeverStopOverdue) StopFor(lease);
    }

    private void StopBy(Lease lease, Instant due)
    {
        if (lease.IsStopped && lease.Worker.Kind != WorkerKind.Exec) return;
        if (due < lease.StopDue) lease.StopDue = due;
        SetTimer(lease.Task, lease.NextDue);
    }

    /// <summary>The polite request. An OS command has nobody to ask: it gets SIGTERM in its place.</summary>
    private void Ask(Lease lease, CancelReason reason, TimeSpan grace)
    {
        var worker = lease.Worker;
        if (worker.Kind == WorkerKind.Exec)
        {
            if (worker.Step >= StopStep.Terminated) return;
            lease.IsStopped = true;
            StepTo(worker, StopStep.Terminated, StopCause.Attempt, $"attempt {lease.Attempt} has to stop: {reason}");
            SetStep(worker, Instant.Never);
        }
        else if (worker.IsConnected && worker.Step < StopStep.Terminated)
        {
            Emit(new Effect.CancelAttempt(worker.Id, lease.Attempt, reason, grace));
        }
    }

    /// <summary>The grace of an attempt is over: its worker is stopped for its sake.</summary>
    private void StopFor(Lease lease)
    {
        var worker = lease.Worker;
        lease.IsStopped = true;
        var reason = $"attempt {lease.Attempt} did not stop in its grace";
        if (worker.Kind == WorkerKind.External) Disconnect(worker, StopCause.Attempt, reason);
        else if (worker.Kind == WorkerKind.Exec) Kill(worker, StopCause.Attempt, reason);
        else Terminate(worker, StopCause.Attempt, reason);
    }

    /// <summary>SIGTERM, and SIGKILL after the pool's term_grace.</summary>
    private void Terminate(WorkerEntry worker, StopCause cause, string reason)
    {
        if (worker.Step >= StopStep.Terminated) return;
        StepTo(worker, StopStep.Terminated, cause, reason);
        SetStep(worker, Now.Monotonic + worker.Pool!.Settings.TermGrace!.Value);
    }

    private void Kill(WorkerEntry worker, StopCause cause, string reason)
    {
        if (worker.Step == StopStep.Killed) return;
        StepTo(worker, StopStep.Killed, cause, reason);
        SetStep(worker, Instant.Never);
    }

    private void StepTo(WorkerEntry worker, StopStep step, StopCause cause, string reason)
    {
        if (worker.Step < StopStep.Terminated)
        {
            worker.Cause = cause;
            worker.StopReason = reason;
        }

        worker.Step = step;
        worker.BootDue = worker.AgeDue = Instant.Never;
        Emit(step == StopStep.Killed ? new Effect.KillWorker(worker.Id) : new Effect.TerminateWorker(worker.Id));
        UpdateState(worker);
    }

    /// <summary>An external worker is not ours to kill: its stream is closed, and it is gone.</summary>
    private void Disconnect(WorkerEntry worker, StopCause cause, string reason)
    {
        worker.Cause = cause;
        worker.Step = StopStep.Killed;
        worker.StopReason = reason;
        Emit(new Effect.DisconnectWorker(worker.Id, reason));
        BecomeGone(worker, null);
    }

    /// <summary>
    /// Told to leave. It has the time that its attempts have, at a shutdown the drain time; an idle one has the pool's
    /// stop_grace.
    /// </summary>
    private void Drain(WorkerEntry worker, string reason)
    {
        if (worker.State == WorkerState.Draining) return;
        if (worker.Step >= StopStep.Terminated)
        {
            // It is being stopped already; now it leaves no place behind.
            if (worker.Kind != WorkerKind.Exec) worker.State = WorkerState.Draining;
            return;
        }

        var wasBooting = worker.State == WorkerState.Starting;
        worker.State = WorkerState.Draining;
        worker.StopReason = reason;
        UpdateState(worker);
        if (wasBooting || worker.Kind == WorkerKind.Exec)
        {
            if (wasBooting) Terminate(worker, StopCause.Order, reason);
            return;
        }

        // Without its stream it is on its way out already, and is killed if it takes its time.
        if (!worker.IsConnected) return;
        worker.Step = StopStep.Asked;
        Emit(new Effect.DrainWorker(
            worker.Id, _isShuttingDown ? DrainReason.DaemonStopping : DrainReason.Stop));
        SetStep(
            worker,
            _isShuttingDown && worker.Held.Count > 0 ? _drainBy : Now.Monotonic + StopGraceOf(worker));
    }

    /// <summary>The drain time is over: what runs is asked to stop.</summary>
    private void Urge(WorkerEntry worker)
    {
        var grace = StopGraceOf(worker);
        worker.Step = StopStep.Urged;
        for (var lease = worker.Held.First; lease is not null; lease = LinkedRing<Lease, Lease.Links>.After(lease))
        {
            lease.IsUrged = true;
            Emit(new Effect.CancelAttempt(worker.Id, lease.Attempt, CancelReason.Shutdown, grace));
        }

        SetStep(worker, Now.Monotonic + grace);
    }

    private static TimeSpan StopGraceOf(WorkerEntry worker) => worker.Pool?.Settings.StopGrace ?? DefaultStopGrace;

    private void WorkerDue(WorkerEntry worker)
    {
        var now = Now.Monotonic;
        if (worker.State is WorkerState.Backoff)
        {
            worker.StepDue = Instant.Never;
            StartPlace(worker);
            return;
        }

        if (worker.StepDue <= now)
        {
            worker.StepDue = Instant.Never;
            NextStep(worker);
        }

        if (!_workers.ContainsKey(worker.Id.Value)) return;
        if (worker.BootDue <= now)
        {
            worker.BootDue = Instant.Never;
            Kill(worker, StopCause.Boot, $"no hello within {worker.Pool!.Settings.BootTimeout}");
        }

        if (worker.AgeDue <= now)
        {
            worker.AgeDue = Instant.Never;
            Leave(worker, "it reached its age_max");
        }

        if (worker.IsConnected &&
            worker.Step < StopStep.Terminated && worker.HungDue <= now)
        {
            var reason = $"silent for {worker.HeartbeatTimeout}";
            if (worker.Kind == WorkerKind.External)
            {
                Disconnect(worker, StopCause.Hung, reason);
                return;
            }

            Kill(worker, StopCause.Hung, reason);
        }

        SetWorkerTimer(worker);
    }

    /// <summary>The daemon stood still: each worker has the time of one more heartbeat.</summary>
    private void ForgiveSilence(TimeSpan pause)
    {
        foreach (var worker in _workers.Values)
        {
            if (!worker.IsConnected || pause < Silence.Standstill(worker.HeartbeatTimeout)) continue;
            var due = Now.Monotonic + Silence.Beat(worker.HeartbeatTimeout);
            if (worker.HungDue < due) worker.HungDue = due;
        }
    }

    private void NextStep(WorkerEntry worker)
    {
        switch (worker.Step)
        {
            case StopStep.Terminated:
                Kill(worker, worker.Cause, worker.StopReason);
                break;
            case StopStep.Asked when worker.Held.Count > 0 && !_isShuttingDown:
                // Its attempts have their time; the last of them to end sets the next step.
                break;
            case StopStep.Asked when worker.Held.Count > 0:
                Urge(worker);
                break;
            case StopStep.Asked or StopStep.Urged when worker.Kind == WorkerKind.External:
                Disconnect(worker, StopCause.Order, worker.StopReason);
                break;
            case StopStep.Asked or StopStep.Urged:
                Terminate(worker, StopCause.Order, worker.StopReason);
                break;
            case StopStep.None when worker.Kind == WorkerKind.Exec:
                Terminate(worker, StopCause.Order, worker.StopReason);
                break;
            case StopStep.None:
                Kill(worker, StopCause.Lost, "its stream ended, its process did not");
                break;
        }
    }

    private void SetStep(WorkerEntry worker, Instant due)
    {
        worker.StepDue = due;
        SetWorkerTimer(worker);
    }

    private void SetWorkerTimer(WorkerEntry worker)
    {
        var due = worker.StepDue;
        if (worker.BootDue < due) due = worker.BootDue;
        if (worker.AgeDue < due) due = worker.AgeDue;
        if (worker.IsConnected && worker.Step < StopStep.Terminated)
        {
            // Looked at in between, so that a longer pause between two turns means that the daemon itself stood still.
            var look = Now.Monotonic + Silence.Look(worker.HeartbeatTimeout);
            if (look < due) due = look;
            if (worker.HungDue < due) due = worker.HungDue;
        }

        SetTimer(worker, due);
    }
}
