using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>From what was thrown, or how a task ended, to a line for people, a record and an exit code.</summary>
internal static class ErrorReport
{
    public static int ExitCodeOf(Exception exception) => exception switch
    {
        UsageException or InvalidRequestException => ExitCode.Usage,
        TaskNotFoundException or QueueNotFoundException => ExitCode.NotFound,
        PoolNotFoundException or WorkerNotFoundException or SegmentNotFoundException => ExitCode.NotFound,
        StateNotFoundException => ExitCode.NotFound,
        DaemonUnavailableException { Reason: "DAEMON_UNREACHABLE" or "CONNECTION_LOST" } => ExitCode.Unreachable,
        QueuedException { IsTransient: true } => ExitCode.TryAgain,
        _ => ExitCode.Failed,
    };

    public static ErrorRecord Of(Exception exception) => exception switch
    {
        TaskUnsuccessfulException task => Of(task.Outcome),
        QueuedException known => new ErrorRecord
        {
            Reason = known.Reason,
            Message = known.Message,
            Field = known.Field,
            Transient = known.IsTransient,
            RetryAfterSeconds = (known as CapacityExceededException)?.RetryAfter?.TotalSeconds,
        },
        UsageException usage => new ErrorRecord { Reason = "USAGE", Message = usage.Message },
        OutputFailedException failed => new ErrorRecord { Reason = "OUTPUT_FAILED", Message = failed.Message },
        // Nobody expected it: the type tells more than the message.
        _ => new ErrorRecord { Reason = "INTERNAL", Message = $"{exception.GetType().Name}: {exception.Message}" },
    };

    /// <summary>How a task that did not succeed ended.</summary>
    public static ErrorRecord Of(TaskOutcome outcome) => new()
    {
        Reason = "TASK_" + Words.Name(outcome.State).ToUpperInvariant(),
        Message = Sentence(outcome),
        TaskId = outcome.Id.Value,
        Failure = FailureRecord.From(outcome.Failure),
    };

    public static string Line(ErrorRecord error)
    {
        string where = error.Field is null ? "" : $" (field {SafeText.Line(error.Field, 190)})";
        string remedy = error switch
        {
            { Reason: "DAEMON_UNREACHABLE" or "CONNECTION_LOST", TaskId: { } task } => FormattableString.Invariant(
                $" Task {task} was added; how it ends is not known here. `queuectl show {task}` tells."),
            { Reason: "DAEMON_UNREACHABLE" } => " Start it with `queued serve`, or say with --address where it is.",
            _ => "",
        };
        return $"queuectl: {SafeText.Line(error.Message)}{where}{remedy}".TrimEnd();
    }

    private static string Sentence(TaskOutcome outcome)
    {
        string what = outcome.State switch
        {
            TaskState.Cancelled => "was cancelled",
            TaskState.TimedOut => "ran out of time",
            TaskState.Expired => "did not start in time",
            _ => "failed",
        };
        string attempt = outcome.Attempt == 0 ? "" : $" in attempt {outcome.Attempt}";
        return outcome.Failure is { } failure
            ? $"Task {outcome.Id} {what}{attempt}: {FailureText.Line(failure)}"
            : $"Task {outcome.Id} {what}{attempt}.";
    }
}
