using System.Globalization;

namespace Queued.Client;

/// <summary>
/// A task ended without a result. Only thrown where a result was asked for: a failed task is not a failed call.
/// </summary>
public abstract class TaskUnsuccessfulException : QueuedException
{
    private protected TaskUnsuccessfulException(TaskOutcome outcome, string reason, string what)
        : base(new ErrorDetails(reason, Describe(outcome, what))) => Outcome = outcome;

    /// <summary>The end of the task.</summary>
    public TaskOutcome Outcome { get; }

    /// <summary>The record of the attempt that ended it. Null: the daemon has none.</summary>
    public TaskFailure? Failure => Outcome.Failure;

    /// <summary>Number of the attempt that ended it. 0: it never ran.</summary>
    public int Attempt => Outcome.Attempt;

    internal static TaskUnsuccessfulException From(TaskOutcome outcome) => outcome.State switch
    {
        TaskState.Cancelled => new TaskCancelledException(outcome),
        TaskState.TimedOut => new TaskTimedOutException(outcome),
        TaskState.Expired => new TaskExpiredException(outcome),
        _ => new TaskFailedException(outcome),
    };

    private static string Describe(TaskOutcome outcome, string what)
    {
        var failure = outcome.Failure;
        var text = string.Create(CultureInfo.InvariantCulture, $"Task {outcome.Id} {what}");
        if (outcome.Attempt > 0)
            text += string.Create(CultureInfo.InvariantCulture, $" in attempt {outcome.Attempt}");
        if (failure is null)
            return text + ".";
        var type = failure.ErrorType.Length > 0 ? failure.ErrorType + ": " : "";
        return failure.Message.Length > 0
            ? $"{text} ({failure.Kind}): {type}{failure.Message}"
            : $"{text} ({failure.Kind}).";
    }
}

/// <summary>The last allowed attempt of the task failed, or no worker could run it.</summary>
public sealed class TaskFailedException : TaskUnsuccessfulException
{
    internal TaskFailedException(TaskOutcome outcome)
        : base(outcome, "TASK_FAILED", "failed")
    {
    }
}

/// <summary>
/// The task was cancelled by a client. (The caller's own token gives an <see cref="OperationCanceledException"/>.)
/// </summary>
public sealed class TaskCancelledException : TaskUnsuccessfulException
{
    internal TaskCancelledException(TaskOutcome outcome)
        : base(outcome, "TASK_CANCELLED", "was cancelled")
    {
    }
}

/// <summary>The last allowed attempt of the task ran past its timeout and was stopped.</summary>
public sealed class TaskTimedOutException : TaskUnsuccessfulException
{
    internal TaskTimedOutException(TaskOutcome outcome)
        : base(outcome, "TASK_TIMED_OUT", "ran out of time")
    {
    }
}

/// <summary>The task did not start within its <see cref="SubmitOptions.QueueTimeout"/>.</summary>
public sealed class TaskExpiredException : TaskUnsuccessfulException
{
    internal TaskExpiredException(TaskOutcome outcome)
        : base(outcome, "TASK_EXPIRED", "did not start in time")
    {
    }
}
