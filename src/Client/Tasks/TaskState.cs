namespace Queued.Client;

/// <summary>Where a task is in its life.</summary>
public enum TaskState
{
    /// <summary>Not known: the daemon is newer than this client.</summary>
    Unknown = 0,

    /// <summary>Waits for its delay or its <see cref="SubmitOptions.RunAt"/>.</summary>
    Scheduled = 1,

    /// <summary>Ready to run, or waiting for a free place under its concurrency key.</summary>
    Queued = 2,

    /// <summary>Given to a worker.</summary>
    Running = 3,

    /// <summary>Waits for its back-off after a failed attempt, or for its snooze.</summary>
    Retrying = 4,

    /// <summary>Final: the handler returned a result.</summary>
    Succeeded = 5,

    /// <summary>Final: the last allowed attempt failed, or the task was rejected.</summary>
    Failed = 6,

    /// <summary>Final: cancelled by a client.</summary>
    Cancelled = 7,

    /// <summary>Final: the last allowed attempt ran past its timeout and was stopped.</summary>
    TimedOut = 8,

    /// <summary>Final: did not start within <see cref="SubmitOptions.QueueTimeout"/>.</summary>
    Expired = 9,
}

/// <summary>Questions about a <see cref="TaskState"/>.</summary>
public static class TaskStates
{
    /// <summary>Whether a task in this state has ended and never changes again.</summary>
    /// <param name="state">The state.</param>
    public static bool IsFinal(this TaskState state) => state >= TaskState.Succeeded;
}

/// <summary>Why an attempt, and with the last attempt the task, did not succeed.</summary>
public enum FailureKind
{
    /// <summary>Not known: the daemon is newer than this client.</summary>
    Unknown = 0,

    /// <summary>The handler reported an error.</summary>
    Error = 1,

    /// <summary>The process exited by itself, without a result (worker) or with a code other than 0 (exec).</summary>
    ExitCode = 2,

    /// <summary>The process was ended by a signal that the daemon did not send.</summary>
    Signal = 3,

    /// <summary>The process was killed for memory: by the kernel, or by its pool's hard limit.</summary>
    OutOfMemory = 4,

    /// <summary>The attempt ran past its soft or hard timeout, or its worker was hung.</summary>
    Timeout = 5,

    /// <summary>The process could not be started.</summary>
    Spawn = 6,

    /// <summary>The worker's connection ended while the attempt ran.</summary>
    Lost = 7,

    /// <summary>No such handler, or a payload that the handler cannot read. Never retried.</summary>
    Rejected = 8,

    /// <summary>The task did not start within <see cref="SubmitOptions.QueueTimeout"/>.</summary>
    Expired = 10,

    /// <summary>The task or the attempt was cancelled.</summary>
    Cancelled = 11,
}
