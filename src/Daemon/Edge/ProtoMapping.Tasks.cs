using Google.Protobuf;
using Queued.Broker;
using Queued.Daemon.Logs;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal static partial class ProtoMapping
{
    public static TaskSubmission ToSubmission(Wire.TaskSpec spec, ref FieldCheck check) =>
        new(ToTerms(spec, ref check)) { Payload = FromWire(spec.Payload), Priority = spec.Priority };

    private static TaskTerms ToTerms(Wire.TaskSpec spec, ref FieldCheck check) => new()
    {
        Handler = spec.Handler,
        Queue = spec.Queue,
        Delay = spec.StartCase == Wire.TaskSpec.StartOneofCase.Delay ? check.Duration(spec.Delay, "delay") : null,
        RunAt = spec.StartCase == Wire.TaskSpec.StartOneofCase.RunAt ? check.Time(spec.RunAt, "run_at") : null,
        Retry = ToRetry(spec.Retry, "retry.", ref check),
        Timeout = check.Duration(spec.Timeout, "timeout"),
        SoftTimeout = check.Duration(spec.SoftTimeout, "soft_timeout"),
        Grace = check.Duration(spec.Grace, "grace"),
        QueueTimeout = check.Duration(spec.QueueTimeout, "queue_timeout"),
        IdempotencyKey = spec.IdempotencyKey?.Key,
        IdempotencyTtl = check.Duration(spec.IdempotencyKey?.Ttl, "idempotency_key.ttl"),
        ConcurrencyKey = spec.ConcurrencyKey?.Key,
        ConcurrencyLimit = FieldCheck.Int(spec.ConcurrencyKey?.Limit ?? 0),
        ResultTtl = check.Duration(spec.ResultTtl, "result_ttl"),
        Traceparent = spec.Traceparent,
        Tracestate = spec.Tracestate,
        Labels = FromWire(spec.Labels),
    };

    private static RetrySettings? ToRetry(Wire.RetryPolicy? retry, string path, ref FieldCheck check) => retry is null
        ? null
        : new RetrySettings
        {
            MaxAttempts = FieldCheck.Int(retry.MaxAttempts),
            MaxDeliveries = FieldCheck.Int(retry.MaxDeliveries),
            InitialBackoff = check.Duration(retry.InitialBackoff, path + "initial_backoff"),
            Multiplier = check.Number(retry.Multiplier, path + "multiplier"),
            MaxBackoff = check.Duration(retry.MaxBackoff, path + "max_backoff"),
            Jitter = retry.HasJitter ? check.Number(retry.Jitter, path + "jitter") : null,
            NonRetryableErrorTypes = [.. retry.NonRetryableErrorTypes],
        };

    public static TaskQuery ToQuery(Wire.TaskFilter? filter, ref FieldCheck check)
    {
        if (filter is null) return new TaskQuery();

        var states = new List<TaskState>(filter.States.Count);
        var any = false;
        foreach (var state in filter.States)
        {
            if (FromWire(state) is { } known) states.Add(known);
            else if (state == Wire.TaskState.Unspecified) any = true;
            else check.Reject("filter.states", $"filter.states has {(int)state}, which is no state of this version.");
        }

        return new TaskQuery
        {
            Queue = filter.Queue,
            Handler = filter.Handler,
            States = any ? [] : states,
            Labels = FromWire(filter.Labels),
            SubmittedAfter = check.Time(filter.SubmittedAfter, "filter.submitted_after"),
            SubmittedBefore = check.Time(filter.SubmittedBefore, "filter.submitted_before"),
        };
    }

    public static Wire.TaskInfo ToWire(TaskView task)
    {
        var info = new Wire.TaskInfo
        {
            TaskId = task.Id.Value,
            Handler = task.Handler,
            Queue = task.Queue,
            State = ToWire(task.State),
            Priority = task.Priority,
            Attempt = task.Attempt,
            FailedAttempts = (uint)task.FailedAttempts,
            LostDeliveries = (uint)task.LostDeliveries,
            SubmittedAt = ToWire(task.SubmittedAt),
            DueAt = ToWire(task.DueAt),
            StartedAt = ToWire(task.StartedAt),
            FinishedAt = ToWire(task.FinishedAt),
            Result = ToWire(task.Result),
            Failure = task.Failure is { } failure ? ToWire(failure) : null,
            Progress = task.Progress is { } progress ? ToWire(progress) : null,
            RetryOf = task.RetryOf?.Value ?? 0,
            CancelRequested = task.CancelRequested,
            Payload = ToWire(task.Payload),
            PayloadBytes = (ulong)task.PayloadBytes,
        };
        foreach (var attempt in task.Attempts) info.Attempts.Add(ToWire(attempt));
        Fill(info.Labels, task.Labels);
        return info;
    }

    public static Wire.Failure ToWire(TaskFailure failure)
    {
        var wire = new Wire.Failure
        {
            Kind = ToWire(failure.Kind),
            Message = failure.Message,
            ErrorType = failure.ErrorType,
            Detail = failure.Detail,
            CpuTime = ToWire(failure.CpuTime),
            OutputTail = failure.OutputTail,
            WorkerId = failure.Worker?.ToString() ?? "",
            ProcessId = (uint)failure.ProcessId,
            NonRetryable = failure.NonRetryable,
        };
        if (failure.ExitCode is { } exitCode) wire.ExitCode = exitCode;
        if (failure.Signal is { } signal) wire.Signal = signal;
        if (failure.PeakResidentBytes is { } bytes) wire.PeakResidentBytes = (ulong)bytes;
        return wire;
    }

    private static Wire.AttemptInfo ToWire(AttemptView attempt) => new()
    {
        Attempt = attempt.Attempt,
        WorkerId = attempt.Worker.ToString(),
        ProcessId = (uint)attempt.ProcessId,
        StartedAt = ToWire(attempt.StartedAt),
        EndedAt = ToWire(attempt.EndedAt),
        Failure = attempt.Failure is { } failure ? ToWire(failure) : null,
    };

    private static Wire.Progress ToWire(TaskProgress progress) => new()
    {
        Completed = progress.Completed,
        Total = progress.Total,
        Message = progress.Message,
    };

    /// <param name="tag">The client's number for it.</param>
    /// <param name="outcome">The end.</param>
    /// <param name="worker">Name of the worker. Empty: none ran it.</param>
    public static Wire.TaskOutcome ToWire(ulong tag, TaskOutcome outcome, string worker) => new()
    {
        Tag = tag,
        TaskId = outcome.Id.Value,
        State = ToWire(outcome.State),
        Result = ToWire(outcome.Result),
        Failure = outcome.Failure is { } failure ? ToWire(failure) : null,
        Attempt = outcome.Attempt,
        WorkerId = worker,
    };

    /// <summary>A task that was not kept: what its submitter said of it, and how it ended.</summary>
    public static Wire.TaskInfo ToWire(TaskOutcome outcome, Wire.TaskSpec spec) => new()
    {
        TaskId = outcome.Id.Value,
        Handler = spec.Handler,
        Queue = spec switch
        {
            { Queue.Length: > 0 } => spec.Queue,
            { Handler: ExecPolicy.Handler } => ExecPolicy.Handler,
            _ => "default",
        },
        State = ToWire(outcome.State),
        Priority = spec.Priority,
        Attempt = outcome.Attempt,
        Result = ToWire(outcome.Result),
        Failure = outcome.Failure is { } failure ? ToWire(failure) : null,
        Labels = { spec.Labels },
        PayloadBytes = (ulong)(spec.Payload?.Data.Length ?? 0),
    };

    public static Wire.ReadTaskLogsResponse ToWire(LogPiece piece) => new()
    {
        Attempt = piece.Attempt,
        Source = ToWire(piece.Source),
        Data = UnsafeByteOperations.UnsafeWrap(piece.Data),
        Time = ToWire(piece.Time),
        DroppedBytes = (ulong)piece.DroppedBytes,
    };

    /// <param name="result">What became of the submit.</param>
    /// <param name="prefix">Path of the task in the request, with its dot.</param>
    public static Wire.SubmitResult ToWire(SubmitResult result, string prefix) => new()
    {
        TaskId = result.Id.Value,
        Deduplicated = result.Deduplicated,
        Error = result.Rejection is { } rejection ? RpcErrors.ToStatus(FieldPath.Under(prefix, rejection)) : null,
    };

    public static Wire.SubmitAck ToAck(SubmitResult result) => new()
    {
        Tag = result.Tag,
        TaskId = result.Id.Value,
        Deduplicated = result.Deduplicated,
        Error = result.Rejection is { } rejection
            ? RpcErrors.ToStatus(FieldPath.Under(FieldPath.Task, rejection))
            : null,
    };
}
