using Queued.Protocol.V1;

namespace Queued.Cli.Tests.Scripted;

/// <summary>A task, what it wrote, and its end once it has come.</summary>
internal sealed class ScriptedTask(ulong id, TaskSpec spec)
{
    private readonly TaskCompletionSource<TaskOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ulong Id => id;

    public TaskSpec Spec => spec;

    public List<ReadTaskLogsResponse> Logs { get; } = [];

    public Task<TaskOutcome> Ended => _ended.Task;

    public void End(TaskOutcome outcome)
    {
        outcome.TaskId = id;
        outcome.Attempt = 1;
        _ended.TrySetResult(outcome);
    }

    public TaskInfo ToInfo()
    {
        TaskOutcome? outcome = Ended.IsCompletedSuccessfully ? Ended.Result : null;
        return new TaskInfo
        {
            TaskId = id,
            Handler = spec.Handler,
            Queue = spec.Queue.Length == 0 ? "default" : spec.Queue,
            State = outcome?.State ?? (spec.Queue.Length > 0 ? TaskState.Queued : TaskState.Running),
            Priority = spec.Priority,
            Attempt = 1,
            SubmittedAt = new() { Seconds = 1_700_000_000 },
            StartedAt = new() { Seconds = 1_700_000_001 },
            FinishedAt = outcome is null ? null : new() { Seconds = 1_700_000_003 },
            Result = outcome?.Result,
            Failure = outcome?.Failure,
            PayloadBytes = (ulong)spec.Payload.Data.Length,
            Labels = { spec.Labels },
        };
    }
}
