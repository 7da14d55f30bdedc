namespace Queued.Worker;

/// <summary>Why a running attempt was asked to stop.</summary>
public enum CancelReason
{
    /// <summary>Nobody asked it to stop.</summary>
    None = 0,

    /// <summary>A client cancelled the task.</summary>
    Cancelled = 1,

    /// <summary>The soft timeout has come. The attempt may still end in any way within its grace.</summary>
    SoftTimeout = 2,

    /// <summary>The hard timeout has come. The attempt counts as timed out whatever it answers.</summary>
    Timeout = 3,

    /// <summary>The daemon, or this worker, stops.</summary>
    Shutdown = 4,

    /// <summary>
    /// The attempt is no longer this worker's: the connection ended, or the daemon has given the attempt up. Its
    /// result counts for nothing.
    /// </summary>
    Lost = 5,
}
