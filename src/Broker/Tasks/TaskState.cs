namespace Queued.Broker;

/// <summary>Where a task is in its life. docs/task-lifecycle.md has every transition.</summary>
public enum TaskState : byte
{
    Scheduled = 1,
    Queued = 2,
    Running = 3,
    Retrying = 4,
    Succeeded = 5,
    Failed = 6,
    Cancelled = 7,
    TimedOut = 8,
    Expired = 9,
}

/// <summary>Why an attempt did not succeed.</summary>
public enum FailureKind : byte
{
    Error = 1,
    ExitCode = 2,
    Signal = 3,
    OutOfMemory = 4,
    Timeout = 5,
    Spawn = 6,
    Lost = 7,
    Rejected = 8,
    Expired = 10,
    Cancelled = 11,
}

/// <summary>Why an attempt is asked to stop.</summary>
public enum CancelReason : byte
{
    Cancelled = 1,
    SoftTimeout = 2,
    Timeout = 3,
    Shutdown = 4,
}

/// <summary>Why a worker is told to leave.</summary>
public enum DrainReason : byte
{
    /// <summary>It is not wanted any more: recycled, scaled down, reloaded, stopped by hand.</summary>
    Stop = 1,

    /// <summary>The daemon stops. An external worker is wanted again when the daemon is back.</summary>
    DaemonStopping = 2,
}

public static class TaskStates
{
    public static bool IsFinal(this TaskState state) => state >= TaskState.Succeeded;
}
