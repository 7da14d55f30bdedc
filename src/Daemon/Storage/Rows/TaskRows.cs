using Queued.Broker;

namespace Queued.Daemon.Storage.Rows;

/// <summary>Reads bytes of a memory segment into the place that they are to have.</summary>
internal delegate void SegmentReader(SegmentRange range, Span<byte> bytes);

/// <summary>
/// A task as rows: what it was submitted with, where it stands, and the bytes of its payload and its result.
/// What belongs to the submitter's connection is not there: it is gone with the connection.
/// </summary>
internal static class TaskRows
{
    public static ReadOnlySpan<byte> WriteSpec(RowWriter row, StoredTask task)
    {
        var submission = task.Submission;
        row.Begin();
        row.Time(task.SubmittedAt);
        row.Unsigned(task.RetryOf?.Value ?? 0);
        row.Text(submission.Handler);
        row.Text(submission.Queue);
        WriteReference(row, submission.Payload);
        row.Signed(submission.Priority);
        row.OptionalSpan(submission.Delay);
        row.OptionalTime(submission.RunAt);
        SettingRows.Write(row, submission.Retry);
        row.OptionalSpan(submission.Timeout);
        row.OptionalSpan(submission.SoftTimeout);
        row.OptionalSpan(submission.Grace);
        row.OptionalSpan(submission.QueueTimeout);
        row.OptionalText(submission.IdempotencyKey);
        row.OptionalSpan(submission.IdempotencyTtl);
        row.OptionalText(submission.ConcurrencyKey);
        row.Signed(submission.ConcurrencyLimit);
        row.OptionalSpan(submission.ResultTtl);
        row.Text(submission.Traceparent);
        row.Text(submission.Tracestate);
        row.Pairs(submission.Labels);
        return row.End(RowKind.TaskSpec, task.Id.Value);
    }

    /// <summary>All of a spec after <see cref="WriteSpec"/>'s first two fields.</summary>
    public static TaskSubmission ReadSubmission(ref RowReader row)
    {
        var (handler, queue) = (row.Name(), row.Name());
        var (payload, priority) = (ReadReference(ref row), row.Int32());
        return new TaskSubmission(ReadTerms(ref row, handler, queue)) { Payload = payload, Priority = priority };
    }

    private static TaskTerms ReadTerms(ref RowReader row, string handler, string queue) => new()
    {
        Handler = handler,
        Queue = queue,
        Delay = row.OptionalSpan(),
        RunAt = row.OptionalTime(),
        Retry = SettingRows.ReadRetry(ref row),
        Timeout = row.OptionalSpan(),
        SoftTimeout = row.OptionalSpan(),
        Grace = row.OptionalSpan(),
        QueueTimeout = row.OptionalSpan(),
        IdempotencyKey = row.OptionalText(),
        IdempotencyTtl = row.OptionalSpan(),
        ConcurrencyKey = row.OptionalText(),
        ConcurrencyLimit = row.Int32(),
        ResultTtl = row.OptionalSpan(),
        Traceparent = row.Text(),
        Tracestate = row.Text(),
        Labels = row.Pairs(),
    };

    public static ReadOnlySpan<byte> WriteStanding(RowWriter row, TaskId id, TaskStanding standing)
    {
        row.Begin();
        row.Byte((byte)standing.State);
        row.Unsigned(standing.Attempt);
        row.Signed(standing.FailedAttempts);
        row.Signed(standing.LostDeliveries);
        row.OptionalTime(standing.DueAt);
        row.OptionalText(standing.CancelReason);
        row.Unsigned((ulong)standing.PastAttempts.Count);
        foreach (var attempt in standing.PastAttempts) Write(row, attempt);
        row.Flag(standing.LastAttempt is not null);
        if (standing.LastAttempt is { } last) Write(row, last);
        row.Flag(standing.End is not null);
        if (standing.End is { } end)
        {
            row.Time(end.At);
            row.Flag(end.Result is not null);
            if (end.Result is { } result) WriteReference(row, result);
            Write(row, end.Failure);
            row.Flag(end.IsDead);
        }

        return row.End(RowKind.TaskStanding, id.Value);
    }

    /// <param name="read">Reads bytes of a memory segment.</param>
    public static ReadOnlySpan<byte> WritePayload(
        RowWriter row, TaskId id, PayloadKind kind, TaskPayload payload, SegmentReader? read = null)
    {
        row.Begin();
        row.Text(payload.ContentType);
        if (payload.Range is { } range) row.Bytes(range.Length, (bytes, _) => read!(range, bytes));
        else row.Bytes(payload.Data.Span);
        return row.End(RowKindOf(kind), id.Value);
    }

    public static TaskPayload ReadPayload(ReadOnlySpan<byte> bytes, TaskId id, PayloadKind kind)
    {
        var row = new RowReader(bytes, RowKindOf(kind), id.Value);
        var contentType = row.Name();
        return new TaskPayload(row.Bytes().ToArray(), contentType);
    }

    public static TaskStanding ReadStanding(ref RowReader row) => new((TaskState)row.Byte())
    {
        Attempt = (uint)row.Unsigned(),
        FailedAttempts = row.Int32(),
        LostDeliveries = row.Int32(),
        DueAt = row.OptionalTime(),
        CancelReason = row.OptionalText(),
        PastAttempts = ReadAttempts(ref row),
        LastAttempt = row.Flag() ? ReadAttempt(ref row) : null,
        End = row.Flag()
            ? new StoredEnd(
                row.Time(), row.Flag() ? ReadReference(ref row) : null, ReadFailure(ref row), row.Flag())
            : null,
    };

    private static RowKind RowKindOf(PayloadKind kind) =>
        kind == PayloadKind.Input ? RowKind.Payload : RowKind.Result;

    private static void WriteReference(RowWriter row, TaskPayload payload)
    {
        row.Unsigned((ulong)payload.Length);
        row.Text(payload.ContentType);
    }

    private static TaskPayload ReadReference(ref RowReader row)
    {
        var length = (int)row.Unsigned();
        var contentType = row.Name();
        return length == 0 ? new TaskPayload(default, contentType) : TaskPayload.Stored(length, contentType);
    }

    private static AttemptView[] ReadAttempts(ref RowReader row)
    {
        var count = row.Unsigned();
        if (count == 0) return [];
        var attempts = new List<AttemptView>();
        for (ulong index = 0; index < count; index++) attempts.Add(ReadAttempt(ref row));
        return [.. attempts];
    }

    private static void Write(RowWriter row, AttemptView attempt)
    {
        row.Unsigned(attempt.Attempt);
        row.Unsigned(attempt.Worker.Value);
        row.Signed(attempt.ProcessId);
        row.Time(attempt.StartedAt);
        row.OptionalTime(attempt.EndedAt);
        Write(row, attempt.Failure);
    }

    private static AttemptView ReadAttempt(ref RowReader row) => new(
        (uint)row.Unsigned(), new WorkerId(row.Unsigned()), row.Int32(), row.Time(), row.OptionalTime(),
        ReadFailure(ref row));

    private static void Write(RowWriter row, TaskFailure? failure)
    {
        row.Flag(failure is not null);
        if (failure is null) return;
        row.Byte((byte)failure.Kind);
        row.Text(failure.Message);
        row.Text(failure.ErrorType);
        row.Text(failure.Detail);
        row.OptionalSigned(failure.ExitCode);
        row.OptionalSigned(failure.Signal);
        row.OptionalSigned(failure.PeakResidentBytes);
        row.OptionalSpan(failure.CpuTime);
        row.Text(failure.OutputTail);
        row.OptionalSigned((long?)failure.Worker?.Value);
        row.Signed(failure.ProcessId);
        row.Flag(failure.NonRetryable);
    }

    private static TaskFailure? ReadFailure(ref RowReader row) =>
        !row.Flag() ? null : new TaskFailure((FailureKind)row.Byte(), row.Text())
        {
            ErrorType = row.Text(),
            Detail = row.Text(),
            ExitCode = (int?)row.OptionalSigned(),
            Signal = (int?)row.OptionalSigned(),
            PeakResidentBytes = row.OptionalSigned(),
            CpuTime = row.OptionalSpan(),
            OutputTail = row.Text(),
            Worker = row.OptionalSigned() is { } worker ? new WorkerId((ulong)worker) : null,
            ProcessId = row.Int32(),
            NonRetryable = row.Flag(),
        };
}
