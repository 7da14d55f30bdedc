using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A task in JSON; docs/cli.md names the fields.</summary>
internal sealed record TaskRecord
{
    public required ulong TaskId { get; init; }

    public required string Handler { get; init; }

    public required string Queue { get; init; }

    public required string State { get; init; }

    public required int Priority { get; init; }

    public required int Attempt { get; init; }

    public required int FailedAttempts { get; init; }

    public required int LostDeliveries { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public bool CancelRequested { get; init; }

    public ulong? RetryOf { get; init; }

    public required long PayloadBytes { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public ProgressRecord? Progress { get; init; }

    public PayloadRecord? Payload { get; init; }

    public PayloadRecord? Result { get; init; }

    public FailureRecord? Failure { get; init; }

    public IReadOnlyList<AttemptRecord>? Attempts { get; init; }

    public static TaskRecord From(TaskInfo task) => new()
    {
        TaskId = task.Id.Value,
        Handler = task.Handler,
        Queue = task.Queue,
        State = Words.Name(task.State),
        Priority = task.Priority,
        Attempt = task.Attempt,
        FailedAttempts = task.FailedAttempts,
        LostDeliveries = task.LostDeliveries,
        SubmittedAt = task.SubmittedAt,
        DueAt = task.DueAt,
        StartedAt = task.StartedAt,
        FinishedAt = task.FinishedAt,
        CancelRequested = task.CancelRequested,
        RetryOf = task.RetryOf?.Value,
        PayloadBytes = task.PayloadBytes,
        Labels = task.Labels.Count == 0 ? null : task.Labels,
        Progress = task.Progress is { } known ? new ProgressRecord(known.Completed, known.Total, known.Message) : null,
        Payload = PayloadRecord.From(task.Payload),
        Result = PayloadRecord.From(task.Result),
        Failure = FailureRecord.From(task.Failure),
        Attempts = task.Attempts.Count == 0 ? null : [.. task.Attempts.Select(AttemptRecord.From)],
    };
}

internal sealed record ProgressRecord(double Completed, double Total, string Message);

internal sealed record AttemptRecord
{
    public required int Attempt { get; init; }

    public required string WorkerId { get; init; }

    public int? ProcessId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public FailureRecord? Failure { get; init; }

    public static AttemptRecord From(AttemptInfo attempt) => new()
    {
        Attempt = attempt.Attempt,
        WorkerId = attempt.WorkerId,
        ProcessId = attempt.ProcessId,
        StartedAt = attempt.StartedAt,
        EndedAt = attempt.EndedAt,
        Failure = FailureRecord.From(attempt.Failure),
    };
}

internal sealed record FailureRecord
{
    public required string Kind { get; init; }

    public required string Message { get; init; }

    public string? ErrorType { get; init; }

    public string? Detail { get; init; }

    public int? ExitCode { get; init; }

    public int? Signal { get; init; }

    public long? PeakResidentBytes { get; init; }

    public double? CpuTimeSeconds { get; init; }

    public string? OutputTail { get; init; }

    public string? WorkerId { get; init; }

    public int? ProcessId { get; init; }

    public bool NonRetryable { get; init; }

    public static FailureRecord? From(TaskFailure? failure) => failure is null ? null : new FailureRecord
    {
        Kind = Words.Name(failure.Kind),
        Message = failure.Message,
        ErrorType = NullIfEmpty(failure.ErrorType),
        Detail = NullIfEmpty(failure.Detail),
        ExitCode = failure.ExitCode,
        Signal = failure.Signal,
        PeakResidentBytes = failure.PeakResidentBytes,
        CpuTimeSeconds = failure.CpuTime?.TotalSeconds,
        OutputTail = NullIfEmpty(failure.OutputTail),
        WorkerId = NullIfEmpty(failure.WorkerId),
        ProcessId = failure.ProcessId,
        NonRetryable = failure.NonRetryable,
    };

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
