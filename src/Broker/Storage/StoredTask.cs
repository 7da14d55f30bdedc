namespace Queued.Broker;

/// <summary>A task as the store has it: what it was submitted with, which never changes, and where it stands.</summary>
public sealed record StoredTask(
    TaskId Id, TaskSubmission Submission, DateTimeOffset SubmittedAt, TaskId? RetryOf, TaskStanding Standing);

/// <summary>All of a task that changes.</summary>
public sealed record TaskStanding(TaskState State)
{
    public uint Attempt { get; init; }

    public int FailedAttempts { get; init; }

    public int LostDeliveries { get; init; }

    /// <summary>While SCHEDULED or RETRYING. It stays when it has passed: being due is no record.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Null: no cancel was requested.</summary>
    public string? CancelReason { get; init; }

    /// <summary>Attempts that ended without ending the task, oldest first.</summary>
    public IReadOnlyList<AttemptView> PastAttempts { get; init; } = [];

    /// <summary>The attempt that runs, or the one that ended the task.</summary>
    public AttemptView? LastAttempt { get; init; }

    /// <summary>There once it is final.</summary>
    public StoredEnd? End { get; init; }
}

/// <summary>How and when a task ended.</summary>
/// <param name="IsDead">It is on its queue's list of dead letters.</param>
public sealed record StoredEnd(DateTimeOffset At, TaskPayload? Result, TaskFailure? Failure, bool IsDead);
