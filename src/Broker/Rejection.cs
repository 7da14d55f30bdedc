namespace Queued.Broker;

/// <summary>Why a command was refused. docs/errors.md has one row for each; a test keeps them equal.</summary>
public enum RejectionReason
{
    /// <summary>A field's value is not allowed.</summary>
    InvalidRequest,
    TaskNotFound,
    QueueNotFound,
    PoolNotFound,
    WorkerNotFound,

    /// <summary>The idempotency key was used for other content.</summary>
    IdempotencyConflict,
    PoolExists,

    /// <summary>The queue holds as many tasks or bytes as its policy allows.</summary>
    QueueFull,

    /// <summary>The disk has too little room for new tasks of durable queues.</summary>
    StoreFull,

    /// <summary>Some other limit; the message names it.</summary>
    LimitReached,
    PayloadTooLarge,

    /// <summary>The task has ended, so it cannot be cancelled.</summary>
    TaskFinished,

    /// <summary>The task has not ended, so it cannot be retried.</summary>
    TaskNotFinished,

    /// <summary>The attempt is not, or no longer, the caller's.</summary>
    AttemptStale,

    /// <summary>The queue takes no new tasks.</summary>
    QueueDraining,

    /// <summary>The queue still holds tasks.</summary>
    QueueNotEmpty,

    /// <summary>A pool still serves the queue.</summary>
    QueueInUse,

    /// <summary>The daemon is on its way out.</summary>
    DaemonDraining,

    /// <summary>The worker is connected already.</summary>
    WorkerConnected,

    /// <summary>The worker speaks another version of the protocol.</summary>
    ProtocolUnsupported,

    /// <summary>The session is not there, or has ended.</summary>
    SessionNotFound,

    /// <summary>The session uses no object of this name.</summary>
    StateNotFound,

    /// <summary>The session holds no such end of a pipe.</summary>
    PipeNotFound,

    /// <summary>There is no such memory segment, or the session does not use it.</summary>
    SegmentNotFound,

    /// <summary>The name belongs to something of another kind.</summary>
    WrongKind,

    /// <summary>It is there already, with other settings.</summary>
    StateConflict,

    /// <summary>A memory segment has this name already.</summary>
    SegmentExists,

    /// <summary>The end of the pipe is held, or was.</summary>
    PipeEndTaken,

    /// <summary>The pipe does not carry this any more.</summary>
    PipeClosed,

    /// <summary>The session does not hold it.</summary>
    NotHeld,

    /// <summary>The grant or lease is not, or no longer, the session's.</summary>
    GrantStale,

    /// <summary>A bounded semaphore would have more permits than it was made with.</summary>
    PermitsExceeded,

    /// <summary>The barrier is broken.</summary>
    BarrierBroken,

    /// <summary>Somebody holds the object or waits for it.</summary>
    StateInUse,

    /// <summary>The wait was called off.</summary>
    WaitCancelled,

    /// <summary>There is no room for a memory segment.</summary>
    MemoryFull,
}

/// <summary>Bad input as a value: what was wrong, where, and what to do about it.</summary>
/// <param name="Reason">Which kind; decides the status code.</param>
/// <param name="Message">One or more sentences that name the thing, the limit and the remedy.</param>
/// <param name="Field">Path of the offending field in the request, where there is one.</param>
/// <param name="Resource">The limit (a name of <see cref="BrokerLimits"/> or of a policy) or thing that stood in the
/// way.</param>
/// <param name="RetryAfter">When it may work, where that is known.</param>
public sealed record Rejection(
    RejectionReason Reason,
    string Message,
    string? Field = null,
    string? Resource = null,
    TimeSpan? RetryAfter = null);
