namespace Queued.Broker;

/// <summary>Why an attempt, and with the last one the task, did not succeed.</summary>
public sealed record TaskFailure(FailureKind Kind, string Message)
{
    public string ErrorType { get; init; } = "";

    public string Detail { get; init; } = "";

    public int? ExitCode { get; init; }

    public int? Signal { get; init; }

    public long? PeakResidentBytes { get; init; }

    public TimeSpan? CpuTime { get; init; }

    public string OutputTail { get; init; } = "";

    public WorkerId? Worker { get; init; }

    public int ProcessId { get; init; }

    public bool NonRetryable { get; init; }

    /// <summary>What its texts take in memory.</summary>
    internal long TextBytes => 2L * (Message.Length + ErrorType.Length + Detail.Length + OutputTail.Length);
}

/// <summary>What a running attempt last said of its progress.</summary>
public sealed record TaskProgress(double Completed, double Total, string Message);

/// <summary>One execution of a task, as it is shown.</summary>
public sealed record AttemptView(
    uint Attempt, WorkerId Worker, int ProcessId, DateTimeOffset StartedAt, DateTimeOffset? EndedAt,
        TaskFailure? Failure);

/// <summary>The end of a task, as it is delivered.</summary>
public sealed record TaskOutcome(
    TaskId Id, TaskState State, TaskPayload? Result, TaskFailure? Failure, uint Attempt, WorkerId? Worker);

/// <summary>All that is shown of a task; a snapshot.</summary>
public sealed record TaskView
{
    public required TaskId Id { get; init; }

    public required string Handler { get; init; }

    public required string Queue { get; init; }

    public required TaskState State { get; init; }

    public int Priority { get; init; }

    public uint Attempt { get; init; }

    public int FailedAttempts { get; init; }

    public int LostDeliveries { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public TaskPayload? Result { get; init; }

    public TaskFailure? Failure { get; init; }

    public TaskProgress? Progress { get; init; }

    public IReadOnlyList<AttemptView> Attempts { get; init; } = [];

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public TaskId? RetryOf { get; init; }

    public bool CancelRequested { get; init; }

    /// <summary>Null where it was not asked for.</summary>
    public TaskPayload? Payload { get; init; }

    public long PayloadBytes { get; init; }
}

/// <summary>Which tasks a list holds; what is null or empty does not filter.</summary>
public sealed record TaskQuery
{
    public string Queue { get; init; } = "";

    public string Handler { get; init; } = "";

    public IReadOnlyList<TaskState> States { get; init; } = [];

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public DateTimeOffset? SubmittedAfter { get; init; }

    public DateTimeOffset? SubmittedBefore { get; init; }
}
