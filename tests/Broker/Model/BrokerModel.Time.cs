namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    /// <summary>Everything whose time has come. Those that become ready in one turn share an order number.</summary>
    private void PassTime()
    {
        _orders++;
        ForgetKeys(key => key.Until <= _now.Monotonic);
        foreach (var task in _tasks.ToArray())
        {
            switch (task.State)
            {
                case TaskState.Scheduled when task.Due <= _now.Monotonic || IsRunAtOver(task):
                case TaskState.Retrying when task.Due <= _now.Monotonic:
                    var due = task.DueWall;
                    BecomeQueued(task, _orders);
                    (task.DueWall, task.IsDueUnwritten) = (due, true);
                    break;
                case TaskState.Queued when task.Attempt == 0 && task.ExpireAt <= _now.Monotonic:
                    End(task, TaskState.Expired, FailureKind.Expired);
                    break;
                case TaskState.Running:
                    PassTimeOf(task);
                    break;
            }
        }
    }

    private bool IsRunAtOver(ModelTask task) => IsOnWall(task) && task.Given.RunAt <= _now.Wall;

    private static bool IsOnWall(ModelTask task) =>
        task.State == TaskState.Scheduled && task.Given.Delay is not { Ticks: > 0 };

    private void PassTimeOf(ModelTask task)
    {
        var isExec = task.Worker!.IsExec;
        if (task.HardAt <= _now.Monotonic && !task.HardPassed)
        {
            task.HardPassed = true;
            if (!task.CancelRequested) RequireAsked(task, CancelReason.Timeout, isExec);
            StopBy(task, _now.Monotonic + task.Plan.Grace);
        }

        if (task.SoftAt <= _now.Monotonic && !task.SoftAsked && !task.HardPassed)
        {
            task.SoftAsked = true;
            if (!task.CancelRequested) RequireAsked(task, CancelReason.SoftTimeout, isExec);
            StopBy(task, _now.Monotonic + task.Plan.Grace);
        }
    }

    private static void StopBy(ModelTask task, Instant at)
    {
        if (at < task.StopAt) task.StopAt = at;
    }

    /// <summary>A worker is asked politely; an OS command gets SIGTERM in its place.</summary>
    private void RequireAsked(ModelTask task, CancelReason reason, bool isExec)
    {
        if (task.Worker!.IsStopping) return;
        foreach (var effect in _effects)
        {
            if (effect is Effect.CancelAttempt cancel && cancel.Attempt == task.AttemptId && cancel.Reason == reason)
                return;
            if (effect is Effect.DisconnectWorker cut && cut.Worker == task.Worker.Id) return;
            // Also where it came for another attempt of the worker that was overdue in the same turn, and before.
            if (effect is Effect.TerminateWorker terminate && terminate.Worker == task.Worker.Id) return;
            if (effect is Effect.KillWorker kill && kill.Worker == task.Worker.Id) return;
        }

        if (!task.Worker.IsConnected && !isExec) return;
        Fail($"{task.AttemptId} was not asked to stop ({reason}).");
    }

    private void Asked(Effect.CancelAttempt cancel)
    {
        if (FindWorker(cancel.Worker) is not { } worker || RunningOn(worker, cancel.Attempt) is not { } task)
        {
            Fail($"{cancel.Worker} was asked to stop {cancel.Attempt}, which it does not run.");
            return;
        }

        var isTrue = cancel.Reason switch
        {
            CancelReason.Cancelled => task.CancelRequested,
            CancelReason.SoftTimeout => task.SoftAsked,
            CancelReason.Timeout => task.HardPassed,
            _ => IsShuttingDown && _drainBy <= _now.Monotonic,
        };
        Require(isTrue, $"{cancel.Attempt} was asked to stop for {cancel.Reason}, which is not so.");
        if (cancel.Reason != CancelReason.Shutdown) return;
        task.IsUrged = true;
        worker.UrgedAt = _now.Monotonic;
    }
}
