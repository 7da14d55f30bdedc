namespace Queued.Client;

/// <summary>All that the daemon knows of a task: a snapshot.</summary>
public sealed record TaskInfo
{
    /// <summary>Its number.</summary>
    public required TaskId Id { get; init; }

    /// <summary>Handler as submitted.</summary>
    public required string Handler { get; init; }

    /// <summary>Queue that holds it.</summary>
    public required string Queue { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required TaskState State { get; init; }

    /// <summary>Priority as submitted, -128 to 127; higher runs first.</summary>
    public int Priority { get; init; }

    /// <summary>How often it was given to a worker.</summary>
    public int Attempt { get; init; }

    /// <summary>How many attempts failed and count against <see cref="RetryPolicy.MaxAttempts"/>.</summary>
    public int FailedAttempts { get; init; }

    /// <summary>How many workers died under it and count against <see cref="RetryPolicy.MaxDeliveries"/>.</summary>
    public int LostDeliveries { get; init; }

    /// <summary>When it was submitted.</summary>
    public DateTimeOffset SubmittedAt { get; init; }

    /// <summary>When it may run (again). Only while SCHEDULED and RETRYING.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When its latest attempt began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it reached its final state.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>
    /// The handler's result: where SUCCEEDED; also where an exec task failed by its exit code. Not in lists.
    /// </summary>
    public TaskPayload? Result { get; init; }

    /// <summary>The reason: in every final state but SUCCEEDED, and the latest one while RETRYING.</summary>
    public TaskFailure? Failure { get; init; }

    /// <summary>Latest progress of the latest attempt.</summary>
    public TaskProgress? Progress { get; init; }

    /// <summary>The latest attempts, oldest first, at most 16.</summary>
    public IReadOnlyList<AttemptInfo> Attempts { get; init; } = [];

    /// <summary>Labels as submitted.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The finished task that this one was made from by a retry or a requeue.</summary>
    public TaskId? RetryOf { get; init; }

    /// <summary>A client asked to cancel it; it ends as soon as its attempt does.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>Its payload as submitted. Only where it was asked for.</summary>
    public TaskPayload? Payload { get; init; }

    /// <summary>Bytes of its payload.</summary>
    public long PayloadBytes { get; init; }
}

/// <summary>One execution of a task.</summary>
public sealed record AttemptInfo
{
    /// <summary>1 for the first execution, then counting up, whatever the reason for the next one.</summary>
    public required int Attempt { get; init; }

    /// <summary>The worker that runs or ran it.</summary>
    public string WorkerId { get; init; } = "";

    /// <summary>Process id of the worker. Null: not known.</summary>
    public int? ProcessId { get; init; }

    /// <summary>When the worker got it.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended. Null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it did not succeed. Null where it did, or still runs.</summary>
    public TaskFailure? Failure { get; init; }
}

/// <summary>What a running attempt last said of its progress.</summary>
/// <param name="Completed">Done so far, in the handler's own unit.</param>
/// <param name="Total">Of how much. 0: unknown.</param>
/// <param name="Message">One line for people; may be empty.</param>
public sealed record TaskProgress(double Completed, double Total, string Message);

/// <summary>The record of an attempt that did not succeed.</summary>
public sealed record TaskFailure
{
    /// <summary>What happened.</summary>
    public required FailureKind Kind { get; init; }

    /// <summary>One line for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>
    /// Name of the error's type in the worker's language, such as <c>System.InvalidOperationException</c>. Of a command
    /// that was not started: <c>CommandNotFound</c> where there is no such program, <c>CommandNotExecutable</c> where
    /// there is and it cannot be run. May be empty.
    /// </summary>
    public string ErrorType { get; init; } = "";

    /// <summary>Stack trace or other long text. May be empty.</summary>
    public string Detail { get; init; } = "";

    /// <summary>Exit code of the process, where it exited by itself.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Number of the signal that ended the process, where one did.</summary>
    public int? Signal { get; init; }

    /// <summary>Largest resident memory of the process in bytes, where it is known.</summary>
    public long? PeakResidentBytes { get; init; }

    /// <summary>Processor time (user and system) of the process, where it is known.</summary>
    public TimeSpan? CpuTime { get; init; }

    /// <summary>
    /// The last lines the process wrote to stdout and stderr, where they were captured. At most 8 KiB.
    /// </summary>
    public string OutputTail { get; init; } = "";

    /// <summary>The worker that ran the attempt. Empty: none did.</summary>
    public string WorkerId { get; init; } = "";

    /// <summary>Process id of that worker, where it is known.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The handler asked that the task is not tried again.</summary>
    public bool NonRetryable { get; init; }
}

/// <summary>The end of a task, as it is delivered to those who wait for it.</summary>
public sealed record TaskOutcome
{
    /// <summary>Its number.</summary>
    public required TaskId Id { get; init; }

    /// <summary>Its final state.</summary>
    public required TaskState State { get; init; }

    /// <summary>The handler's result, where there is one.</summary>
    public TaskPayload? Result { get; init; }

    /// <summary>The reason, in every state but SUCCEEDED.</summary>
    public TaskFailure? Failure { get; init; }

    /// <summary>Number of the attempt that ended it. 0: it never ran.</summary>
    public int Attempt { get; init; }

    /// <summary>The worker that ran that attempt. Empty: none did.</summary>
    public string WorkerId { get; init; } = "";

    /// <summary>Whether the handler returned a result.</summary>
    public bool IsSuccess => State == TaskState.Succeeded;

    /// <summary>Returns when the task SUCCEEDED and throws what fits its state otherwise.</summary>
    /// <exception cref="TaskFailedException">It FAILED.</exception>
    /// <exception cref="TaskTimedOutException">It TIMED_OUT.</exception>
    /// <exception cref="TaskExpiredException">It EXPIRED.</exception>
    /// <exception cref="TaskCancelledException">It was CANCELLED.</exception>
    public void EnsureSuccess()
    {
        if (!IsSuccess)
            throw TaskUnsuccessfulException.From(this);
    }
}
