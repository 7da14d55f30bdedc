using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>What is for logs, traces and metrics.</summary>
internal sealed partial class EffectRunner
{
    private void Report(Effect effect)
    {
        switch (effect)
        {
            case Effect.AttemptEnded ended:
                ReportAttempt(ended.Report);
                break;
            case Effect.WorkerEnded ended:
                ReportWorker(ended);
                break;
            case Effect.PoolChanged changed:
                LogPool(changed.Pool, changed.State, changed.Reason);
                _observer.PoolChanged(changed.Pool, changed.State, changed.Reason);
                break;
            case Effect.TaskForgotten forgotten:
                _logs.Forget(forgotten.Task);
                break;
            case Effect.ShutdownComplete:
                _shutdown.TrySetResult();
                break;
            default:
                throw new InvalidOperationException($"Nobody carries out {effect.GetType().Name}.");
        }
    }

    private void ReportAttempt(in AttemptReport report)
    {
        _logs.End(report.Worker, report.Attempt);
        if (report.Failure is { } failure)
        {
            LogAttemptFailed(
                report.Attempt, report.Worker, report.Queue, report.Handler, report.Next, failure.Kind, report.RanFor);
        }
        else
        {
            LogAttemptEnded(report.Attempt, report.Worker, report.Queue, report.Handler, report.Next, report.RanFor);
        }

        _observer.AttemptEnded(report);
    }

    private void ReportWorker(Effect.WorkerEnded ended)
    {
        _logs.EndWorker(ended.Worker);
        if (ended.Expected) LogWorkerEnded(ended.Worker, ended.Pool, ended.ProcessId, ended.Reason);
        else LogWorkerLost(ended.Worker, ended.Pool, ended.ProcessId, ended.Reason);
        _observer.WorkerEnded(ended.Worker, ended.Pool, ended.ProcessId, ended.Reason, ended.Expected);
    }

    [LoggerMessage(
        1, LogLevel.Debug, "Attempt {Attempt} on {Worker} ended: {Queue}/{Handler} is {State} after {RanFor}.")]
    private partial void LogAttemptEnded(
        AttemptId attempt, WorkerId worker, string queue, string handler, TaskState state, TimeSpan ranFor);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Attempt {Attempt} on {Worker} failed: {Queue}/{Handler} is {State} after {RanFor}, {Kind}.")]
    private partial void LogAttemptFailed(
        AttemptId attempt,
        WorkerId worker,
        string queue,
        string handler,
        TaskState state,
        FailureKind kind,
        TimeSpan ranFor);

    [LoggerMessage(3, LogLevel.Information, "Worker {Worker} of {Pool}, process {ProcessId}, ended: {Reason}")]
    private partial void LogWorkerEnded(WorkerId worker, string pool, int processId, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Worker {Worker} of {Pool}, process {ProcessId}, ended unexpectedly: {Reason}")]
    private partial void LogWorkerLost(WorkerId worker, string pool, int processId, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Pool {Pool} is {State}: {Reason}")]
    private partial void LogPool(string pool, PoolState state, string reason);
}
