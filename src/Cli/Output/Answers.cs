using System.Text.Json;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>Answer of <c>submit</c>, <c>exec --detach</c>, <c>retry</c> and <c>dead requeue</c>.</summary>
internal sealed record SubmitRecord(ulong TaskId, bool? Deduplicated = null, ulong? RetryOf = null);

/// <summary>Answer of <c>exec --json</c>: how the command ended and what it wrote.</summary>
internal sealed record ExecRecord
{
    public required ulong TaskId { get; init; }

    public required string State { get; init; }

    /// <summary>What queuectl returns for it.</summary>
    public required int ExitCode { get; init; }

    public required int Attempt { get; init; }

    public ExecResultRecord? Exec { get; init; }

    public FailureRecord? Failure { get; init; }
}

/// <summary>What a command left behind.</summary>
internal sealed record ExecResultRecord
{
    public required int ExitCode { get; init; }

    public required PayloadRecord Stdout { get; init; }

    public required PayloadRecord Stderr { get; init; }

    public required long StdoutDroppedBytes { get; init; }

    public required long StderrDroppedBytes { get; init; }

    public static ExecResultRecord From(ExecResult result) => new()
    {
        ExitCode = result.ExitCode,
        Stdout = PayloadRecord.From(new TaskPayload(result.Stdout, TaskPayload.TextContentType)),
        Stderr = PayloadRecord.From(new TaskPayload(result.Stderr, TaskPayload.TextContentType)),
        StdoutDroppedBytes = result.StdoutDroppedBytes,
        StderrDroppedBytes = result.StderrDroppedBytes,
    };
}

/// <summary>Answer of <c>run</c> and <c>wait</c>: how a task ended.</summary>
internal sealed record OutcomeRecord
{
    public required ulong TaskId { get; init; }

    public required string State { get; init; }

    public required int Attempt { get; init; }

    public string? WorkerId { get; init; }

    public PayloadRecord? Result { get; init; }

    /// <summary>In place of a result where the task was a command.</summary>
    public ExecResultRecord? Exec { get; init; }

    public FailureRecord? Failure { get; init; }

    public static OutcomeRecord From(TaskOutcome outcome)
    {
        ExecResult? exec = ExecResult.Read(outcome);
        return new OutcomeRecord
        {
            TaskId = outcome.Id.Value,
            State = Words.Name(outcome.State),
            Attempt = outcome.Attempt,
            WorkerId = outcome.WorkerId.Length == 0 ? null : outcome.WorkerId,
            Result = exec is null ? PayloadRecord.From(outcome.Result) : null,
            Exec = exec is null ? null : ExecResultRecord.From(exec),
            Failure = FailureRecord.From(outcome.Failure),
        };
    }
}

/// <summary>One line of <c>map --json</c>.</summary>
internal sealed record MapRecord
{
    /// <summary>Number of the input's line, from 1.</summary>
    public required long Line { get; init; }

    public JsonElement? Result { get; init; }

    public ErrorRecord? Error { get; init; }
}

/// <summary>One line of <c>logs --json</c>.</summary>
internal sealed record LogRecord
{
    public required int Attempt { get; init; }

    public required string Source { get; init; }

    public required DateTimeOffset Time { get; init; }

    public string? Text { get; init; }

    public string? Base64 { get; init; }

    public long? DroppedBytes { get; init; }
}

/// <summary>Answer of <c>queue purge</c>.</summary>
internal sealed record PurgeRecord(string Queue, long PurgedCount);

/// <summary>Answer of <c>queue delete</c> and <c>pool delete</c>.</summary>
internal sealed record DeletedRecord(string Name, bool Deleted);

/// <summary>An error on stderr with <c>--json</c>, one line: <c>{"error": …}</c>.</summary>
internal sealed record ErrorLine(ErrorRecord Error);

/// <summary>What went wrong. The reasons of the daemon are those of docs/errors.md.</summary>
internal sealed record ErrorRecord
{
    public required string Reason { get; init; }

    public required string Message { get; init; }

    public string? Field { get; init; }

    public double? RetryAfterSeconds { get; init; }

    public bool? Transient { get; init; }

    public ulong? TaskId { get; init; }

    public FailureRecord? Failure { get; init; }
}
