using Google.Protobuf.WellKnownTypes;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Wire;

/// <summary>Tasks between the contract and this SDK's types.</summary>
internal static class TaskMapping
{
    /// <summary>All but the payload.</summary>
    public static Proto.TaskSpec ToSpec(string handler, SubmitOptions options)
    {
        var spec = new Proto.TaskSpec
        {
            Handler = handler,
            Queue = options.Queue ?? "",
            Priority = options.Priority,
        };
        if (options.Delay is not null && options.RunAt is not null)
        {
            throw ErrorMapping.Make(new ErrorDetails(
                "INVALID_REQUEST",
                $"{nameof(options.Delay)} and {nameof(options.RunAt)} are both set; a task has one start.")
            {
                Field = "task.run_at",
            });
        }

        if (options.Delay is { } delay)
            spec.Delay = Duration.FromTimeSpan(delay);
        if (options.RunAt is { } runAt)
            spec.RunAt = Timestamp.FromDateTimeOffset(runAt);
        if (options.Retry is { } retry)
            spec.Retry = retry.ToWire("task.retry");
        spec.Timeout = options.Timeout.ToDuration();
        spec.SoftTimeout = options.SoftTimeout.ToDuration();
        spec.Grace = options.Grace.ToDuration();
        spec.QueueTimeout = options.QueueTimeout.ToDuration();
        spec.ResultTtl = options.ResultTtl.ToDuration();
        if (options.IdempotencyKey is { } idempotency)
            spec.IdempotencyKey =
                new Proto.IdempotencyKey { Key = idempotency, Ttl = options.IdempotencyTtl.ToDuration() };
        if (options.ConcurrencyKey is { } concurrency)
        {
            spec.ConcurrencyKey = new Proto.ConcurrencyKey
            {
                Key = concurrency,
                Limit = options.ConcurrencyLimit.ToCount("task.concurrency_key.limit"),
            };
        }

        spec.Labels.AddAll(options.Labels);
        TraceContext.Write(spec);
        return spec;
    }

    public static Proto.RetryPolicy ToWire(this RetryPolicy retry, string path)
    {
        var wire = new Proto.RetryPolicy
        {
            MaxAttempts = (retry.MaxAttempts ?? 0).ToCount($"{path}.max_attempts"),
            MaxDeliveries = (retry.MaxDeliveries ?? 0).ToCount($"{path}.max_deliveries"),
            InitialBackoff = retry.InitialBackoff.ToDuration(),
            Multiplier = retry.Multiplier ?? 0,
            MaxBackoff = retry.MaxBackoff.ToDuration(),
        };
        if (retry.Jitter is { } jitter)
            wire.Jitter = jitter;
        wire.NonRetryableErrorTypes.Add(retry.NonRetryableErrorTypes);
        return wire;
    }

    public static RetryPolicy ToRetryPolicy(this Proto.RetryPolicy wire) => new()
    {
        MaxAttempts = wire.MaxAttempts.NullIfZero(),
        MaxDeliveries = wire.MaxDeliveries.NullIfZero(),
        InitialBackoff = wire.InitialBackoff.ToSpan(),
        Multiplier = wire.Multiplier == 0 ? null : wire.Multiplier,
        MaxBackoff = wire.MaxBackoff.ToSpan(),
        Jitter = wire.HasJitter ? wire.Jitter : null,
        NonRetryableErrorTypes = [.. wire.NonRetryableErrorTypes],
    };

    public static TaskInfo ToInfo(this Proto.TaskInfo wire) => new()
    {
        Id = new TaskId(wire.TaskId),
        Handler = wire.Handler,
        Queue = wire.Queue,
        State = wire.State.ToState(),
        Priority = wire.Priority,
        Attempt = (int)wire.Attempt,
        FailedAttempts = (int)wire.FailedAttempts,
        LostDeliveries = (int)wire.LostDeliveries,
        SubmittedAt = wire.SubmittedAt.ToTime() ?? default,
        DueAt = wire.DueAt.ToTime(),
        StartedAt = wire.StartedAt.ToTime(),
        FinishedAt = wire.FinishedAt.ToTime(),
        Result = wire.Result?.ToPayload(),
        Failure = wire.Failure?.ToFailure(),
        Progress = wire.Progress is { } progress
            ? new TaskProgress(progress.Completed, progress.Total, progress.Message)
            : null,
        Attempts = [.. wire.Attempts.Select(ToAttempt)],
        Labels = wire.Labels.ToDictionary(),
        RetryOf = wire.RetryOf == 0 ? null : new TaskId(wire.RetryOf),
        CancelRequested = wire.CancelRequested,
        Payload = wire.Payload?.ToPayload(),
        PayloadBytes = (long)wire.PayloadBytes,
    };

    public static TaskOutcome ToOutcome(this Proto.TaskOutcome wire) => new()
    {
        Id = new TaskId(wire.TaskId),
        State = wire.State.ToState(),
        Result = wire.Result?.ToPayload(),
        Failure = wire.Failure?.ToFailure(),
        Attempt = (int)wire.Attempt,
        WorkerId = wire.WorkerId,
    };

    public static TaskFailure ToFailure(this Proto.Failure wire) => new()
    {
        Kind = wire.Kind is >= Proto.FailureKind.Error and <= Proto.FailureKind.Cancelled
            ? (FailureKind)wire.Kind
            : FailureKind.Unknown,
        Message = wire.Message,
        ErrorType = wire.ErrorType,
        Detail = wire.Detail,
        ExitCode = wire.HasExitCode ? wire.ExitCode : null,
        Signal = wire.HasSignal ? wire.Signal : null,
        PeakResidentBytes = wire.HasPeakResidentBytes ? (long)wire.PeakResidentBytes : null,
        CpuTime = wire.CpuTime.ToSpan(),
        OutputTail = wire.OutputTail,
        WorkerId = wire.WorkerId,
        ProcessId = wire.ProcessId.NullIfZero(),
        NonRetryable = wire.NonRetryable,
    };

    public static Proto.TaskFilter ToFilter(this TaskQuery query)
    {
        var filter = new Proto.TaskFilter
        {
            Queue = query.Queue ?? "",
            Handler = query.Handler ?? "",
            SubmittedAfter = query.SubmittedAfter.ToTimestamp(),
            SubmittedBefore = query.SubmittedBefore.ToTimestamp(),
        };
        filter.States.Add(query.States.Select(state => (Proto.TaskState)state));
        filter.Labels.AddAll(query.Labels);
        return filter;
    }

    public static TaskLogEntry ToLogEntry(this Proto.ReadTaskLogsResponse wire) => new()
    {
        Attempt = (int)wire.Attempt,
        Source = wire.Source is >= Proto.LogSource.Stdout and <= Proto.LogSource.Log
            ? (LogSource)wire.Source
            : LogSource.Unknown,
        Data = wire.Data.Memory,
        Time = wire.Time.ToTime() ?? default,
        DroppedBytes = (long)wire.DroppedBytes,
    };

    private static AttemptInfo ToAttempt(Proto.AttemptInfo wire) => new()
    {
        Attempt = (int)wire.Attempt,
        WorkerId = wire.WorkerId,
        ProcessId = wire.ProcessId.NullIfZero(),
        StartedAt = wire.StartedAt.ToTime() ?? default,
        EndedAt = wire.EndedAt.ToTime(),
        Failure = wire.Failure?.ToFailure(),
    };

    private static TaskState ToState(this Proto.TaskState wire) =>
        wire is >= Proto.TaskState.Scheduled and <= Proto.TaskState.Expired ? (TaskState)wire : TaskState.Unknown;
}
