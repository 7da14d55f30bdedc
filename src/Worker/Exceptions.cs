namespace Queued.Worker;

/// <summary>
/// Thrown by a handler: the task failed with an error that another attempt would not mend. The task ends FAILED with
/// kind ERROR, whatever attempts it had left.
/// </summary>
public class NonRetryableException : Exception
{
    /// <summary>Creates the exception with a message for people.</summary>
    /// <param name="message">One line for people; more than 4 KiB of it is cut.</param>
    public NonRetryableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message for people and the error that caused it.</summary>
    /// <param name="message">One line for people; more than 4 KiB of it is cut.</param>
    /// <param name="innerException">What caused it; it is part of the failure's detail.</param>
    public NonRetryableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// Thrown by a handler: its input is not one that it can work on. The task ends FAILED with kind REJECTED and is
/// never tried again.
/// </summary>
public class TaskRejectedException : Exception
{
    /// <summary>Creates the exception with a message for people.</summary>
    /// <param name="message">What is wrong with the input, in one line; more than 4 KiB of it is cut.</param>
    public TaskRejectedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message for people and the error that caused it.</summary>
    /// <param name="message">What is wrong with the input, in one line; more than 4 KiB of it is cut.</param>
    /// <param name="innerException">What caused it; it is part of the failure's detail.</param>
    public TaskRejectedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>
/// Thrown by <see cref="TaskContext.Snooze"/> to leave the handler. The task runs again after the delay; nothing is
/// counted against it.
/// </summary>
public sealed class TaskSnoozedException : Exception
{
    internal TaskSnoozedException(TimeSpan delay)
        : base($"The task is to run again in {delay}.") => Delay = delay;

    /// <summary>How much later the task is to run again.</summary>
    public TimeSpan Delay { get; }
}
