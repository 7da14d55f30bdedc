namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private static readonly TimeSpan LostStreamGrace = TimeSpan.FromMilliseconds(500);

    /// <summary>The core sent a signal: there must be a reason, and it must be the next rung of the ladder.</summary>
    private void Stopped(WorkerId id, bool kill)
    {
        if (FindWorker(id) is not { Pool: { } pool } worker)
        {
            Fail($"{id} got a signal and is nobody of ours.");
            return;
        }

        JustifyStop(worker, atOnce: kill);
        Require(!worker.IsKilled, $"{id} was killed twice.");
        if (kill)
        {
            Require(
                !worker.IsTerminated || worker.KillAt <= _now.Monotonic || CanKillAtOnce(worker),
                $"{id} was killed before its term_grace was over.");
            worker.IsKilled = true;
        }
        else
        {
            Require(!worker.IsTerminated, $"{id} got SIGTERM twice.");
            worker.IsTerminated = true;
            worker.KillAt = KillAtOf(worker, pool);
        }

        MarkStopped(worker);
    }

    private bool CanKillAtOnce(ModelWorker worker) =>
        _isShutDownNow || (worker is { IsExec: true, Held: [{ StopAt: var at }] } && at <= _now.Monotonic);

    /// <summary>An OS command that was asked to stop has the task's own grace between its two signals.</summary>
    private Instant KillAtOf(ModelWorker worker, ModelPool pool) =>
        worker is { IsExec: true, Held: [{ StopAt: var at }] } && at != Instant.Never
            ? Instant.Never
            : _now.Monotonic + pool.Settings.TermGrace!.Value;

    private void MarkStopped(ModelWorker worker)
    {
        foreach (var task in worker.Held)
        {
            if (task.StopAt <= _now.Monotonic) task.IsStopped = true;
            // A soft timeout that passes while it is stopped for another reason is not what it ended by.
            var isAsked = task.CancelRequested || task.SoftAsked || task.HardPassed;
            if (worker is { IsExec: true, Stop: ModelStop.ForAttempt } && isAsked) task.IsStopped = true;
        }
    }

    private void JustifyStop(ModelWorker worker, bool atOnce)
    {
        if (worker.Stop != ModelStop.None) return;
        worker.Stop = atOnce ? ReasonToKill(worker) : ReasonToTerminate(worker);
        // An external worker is cut off for either kind of reason.
        if (worker.Stop == ModelStop.None && worker.Pool is null) worker.Stop = ReasonToKill(worker);
        if (worker.Stop == ModelStop.ByOrder) worker.IsDraining = true;
        Require(worker.Stop != ModelStop.None, $"{worker.Id} was stopped for no reason.");
    }

    /// <summary>Reasons for SIGKILL without a SIGTERM before it.</summary>
    private ModelStop ReasonToKill(ModelWorker worker)
    {
        if (_isShutDownNow) return ModelStop.ByOrder;
        if (worker.IsOverHardMemory) return ModelStop.Memory;
        if (worker.StreamLostAt + LostStreamGrace <= _now.Monotonic) return ModelStop.StreamLost;
        if (worker.SaidHello)
        {
            var isSilent = worker.LastHeard + HeartbeatTimeoutOf(worker) <= _now.Monotonic;
            return isSilent ? ModelStop.Hung : ModelStop.None;
        }

        var timeout = worker.Pool?.Settings.BootTimeout;
        var isLate = timeout is not null && worker.StartedAt + timeout.Value <= _now.Monotonic;
        return isLate && !worker.IsExec ? ModelStop.Boot : ModelStop.None;
    }

    /// <summary>Reasons for SIGTERM, the first rung of the ladder.</summary>
    private ModelStop ReasonToTerminate(ModelWorker worker)
    {
        if (worker.StoppedByHand) return ModelStop.ByOrder;
        foreach (var task in worker.Held)
        {
            var isAsked = task.CancelRequested || task.SoftAsked || task.HardPassed;
            if (task.StopAt <= _now.Monotonic || (worker.IsExec && isAsked)) return ModelStop.ForAttempt;
        }

        if (IsTooMuch(worker) || (worker.IsDraining && !worker.SaidHello && !worker.IsExec)) return ModelStop.ByOrder;
        return LeaveBy(worker) <= _now.Monotonic ? ModelStop.ByOrder : ModelStop.None;
    }

    /// <summary>
    /// When a worker may be stopped for not leaving: its stop_grace after it was told to and had nothing left to do. At
    /// a shutdown also when the drain time is over: an OS command then, a worker its stop_grace after it was urged.
    /// </summary>
    private Instant LeaveBy(ModelWorker worker)
    {
        var grace = StopGraceOf(worker);
        var idle = worker.LeaveBy(grace);
        var shutdown = worker.IsExec ? _drainBy
            : worker.UrgedAt == Instant.Never ? Instant.Never : worker.UrgedAt + grace;
        return idle < shutdown ? idle : shutdown;
    }

    private static TimeSpan StopGraceOf(ModelWorker worker) =>
        worker.Pool?.Settings.StopGrace ?? TimeSpan.FromSeconds(10);

    /// <summary>A worker that still boots cannot be asked to leave; it is stopped.</summary>
    private bool IsTooMuch(ModelWorker worker) =>
        worker is { SaidHello: false, Pool: { } pool } &&
        (worker.Generation < pool.Generation || LiveOf(pool) > pool.Size);

    private static TimeSpan HeartbeatTimeoutOf(ModelWorker worker) =>
        worker.Pool?.Settings.HeartbeatTimeout ?? TimeSpan.FromSeconds(30);

    /// <summary>No rung of a ladder may be forgotten.</summary>
    private void CheckStops()
    {
        var latest = new Instant(_now.Monotonic.Ticks - lateness.Ticks);
        foreach (var worker in _workers)
        {
            if (worker.IsStopping) MarkStopped(worker);
            if (worker.IsKilled) continue;
            if (worker.IsTerminated)
            {
                if (worker is { IsExec: true, Held: [{ StopAt: var at }] } && at <= latest)
                    Fail($"{worker.Id} was not killed when its grace was over.");
                if (worker.KillAt + lateness <= latest)
                    Fail($"{worker.Id} was not killed when its term_grace was over.");
                continue;
            }

            foreach (var task in worker.Held)
            {
                if (task.StopAt <= latest)
                    Fail($"{worker.Id} was not stopped, though the grace of {task.AttemptId} is over.");
            }

            if (worker.IsConnected && worker.LastHeard + HeartbeatTimeoutOf(worker) <= latest)
                Fail($"{worker.Id} hangs and was not stopped.");
            if ((worker.IsConnected || worker.IsExec) && LeaveBy(worker) < latest)
                Fail($"{worker.Id} was told to leave, had its time, and was not stopped.");
            var isUrged = worker.UrgedAt != Instant.Never;
            if (worker is { IsConnected: true, Held.Count: > 0 } && _drainBy < latest && !isUrged)
                Fail($"{worker.Id} runs past the drain time and was not asked to stop.");
            if (worker.StreamLostAt + LostStreamGrace <= latest)
                Fail($"{worker.Id} lost its stream and was not stopped.");
        }
    }

    private void Drained(Effect.DrainWorker drain)
    {
        Require(
            drain.Reason == DrainReason.DaemonStopping == IsShuttingDown,
            $"{drain.Worker} is told to leave for {drain.Reason}.");
        if (FindWorker(drain.Worker) is not { } worker) return;
        worker.IsDraining = true;
        worker.DrainingSince = _now.Monotonic;
    }

    private void Sampled(Command.WorkerSampled sampled)
    {
        if (FindWorker(sampled.Worker) is not { Pool.Settings.MemoryHardBytes: > 0 and var hard } worker) return;
        if (sampled.ResidentBytes > hard) worker.IsOverHardMemory = true;
    }
}
