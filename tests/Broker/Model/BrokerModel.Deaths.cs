namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private void Disconnected(WorkerId id)
    {
        if (FindWorker(id) is not { IsConnected: true } worker) return;
        worker.IsConnected = false;
        if (worker.Pool is null) BecomeGone(worker, null);
        else worker.StreamLostAt = _now.Monotonic;
    }

    /// <summary>The daemon closes the stream of a worker that it cannot kill.</summary>
    private void Cut(WorkerId id)
    {
        if (FindWorker(id) is not { } worker) return;
        if (worker.Pool is not null)
        {
            worker.IsConnected = false;
            return;
        }

        JustifyStop(worker, atOnce: false);
        worker.IsTerminated = true;
        worker.IsConnected = false;
        MarkStopped(worker);
        BecomeGone(worker, null);
        FindRejected();
    }

    private void Exited(Command.WorkerExited exited)
    {
        if (FindWorker(exited.Worker) is not { } worker) return;
        if (worker.IsExec) EndExec(worker, exited);
        BecomeGone(worker, exited.Exit);
    }

    private void SpawnFailed(WorkerId id)
    {
        if (FindWorker(id) is not { } worker) return;
        if (worker.IsExec && worker.Held is [var task]) EndAttemptOf(worker, task, FailureKind.Spawn);
        BecomeGone(worker, null);
    }

    private void EndExec(ModelWorker worker, Command.WorkerExited exited)
    {
        if (worker.Held is not [var task]) return;
        task.ResultBytes = exited.ExecResult?.Data.Length ?? 0;
        var isStopped = task.CancelRequested || IsTimedOut(task) || worker.Stop == ModelStop.ByOrder;
        if (exited.Exit.ExitCode == 0 && !isStopped)
        {
            Leave(task, countsAsDone: true);
            End(task, TaskState.Succeeded, null);
            return;
        }

        EndAttemptOf(worker, task, worker.Stop == ModelStop.Memory ? FailureKind.OutOfMemory : KindOf(exited.Exit));
    }

    /// <summary>An OS command that did not succeed counts as a failed attempt.</summary>
    private void EndAttemptOf(ModelWorker worker, ModelTask task, FailureKind kind)
    {
        var isTimedOut = IsTimedOut(task);
        Leave(task, countsAsDone: true);
        if (task.CancelRequested) End(task, TaskState.Cancelled, FailureKind.Cancelled);
        else if (isTimedOut) FailAttempt(task, FailureKind.Timeout, isFinal: false);
        else if (worker.Stop == ModelStop.ByOrder) BecomeQueued(task, task.Order);
        else FailAttempt(task, kind, isFinal: false);
    }

    private static bool IsTimedOut(ModelTask task) => task.HardPassed || (task.IsStopped && task.SoftAsked);

    /// <summary>
    /// Its process was reaped, or its stream closed where it is not ours: what it held ends or goes back.
    /// </summary>
    private void BecomeGone(ModelWorker worker, ProcessExit? exit)
    {
        var kind = worker.Stop switch
        {
            ModelStop.Memory => FailureKind.OutOfMemory,
            ModelStop.Hung => FailureKind.Timeout,
            ModelStop.StreamLost when worker.IsKilled => FailureKind.Lost,
            _ when exit is null => FailureKind.Lost,
            _ => KindOf(exit),
        };
        worker.IsTerminated = true;
        foreach (var task in worker.Held.ToArray()) LoseAttempt(worker, task, kind);
        worker.IsConnected = false;
        _workers.Remove(worker);
        if (worker.Pool is { } pool) LosePlace(pool, worker);
    }

    private void LoseAttempt(ModelWorker worker, ModelTask task, FailureKind kind)
    {
        var (isBegun, isTimedOut) = (task.IsBegun, IsTimedOut(task));
        Leave(task, countsAsDone: true);
        if (task.CancelRequested)
        {
            End(task, TaskState.Cancelled, FailureKind.Cancelled);
        }
        else if (isTimedOut)
        {
            FailAttempt(task, FailureKind.Timeout, isFinal: false);
        }
        else if (!isBegun || worker.Stop is ModelStop.ForAttempt or ModelStop.ByOrder)
        {
            BecomeQueued(task, task.Order);
        }
        else
        {
            task.Lost++;
            task.Failure = kind;
            if (task.Lost >= task.Plan.MaxDeliveries) End(task, TaskState.Failed, kind);
            else BecomeQueued(task, task.Order);
        }
    }

    private static FailureKind KindOf(ProcessExit exit) =>
        exit.OutOfMemory ? FailureKind.OutOfMemory
        : exit.Signal is not null ? FailureKind.Signal
        : FailureKind.ExitCode;
}
