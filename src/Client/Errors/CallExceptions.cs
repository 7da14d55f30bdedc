namespace Queued.Client;

/// <summary>A value in the request is not allowed; <see cref="QueuedException.Field"/> says which.</summary>
public sealed class InvalidRequestException : QueuedException
{
    internal InvalidRequestException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>There is no such task, or it ended so long ago that it was forgotten.</summary>
public sealed class TaskNotFoundException : QueuedException
{
    internal TaskNotFoundException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>There is no such queue.</summary>
public sealed class QueueNotFoundException : QueuedException
{
    internal QueueNotFoundException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>There is no such pool.</summary>
public sealed class PoolNotFoundException : QueuedException
{
    internal PoolNotFoundException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>There is no such worker.</summary>
public sealed class WorkerNotFoundException : QueuedException
{
    internal WorkerNotFoundException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>The name or key is taken by something else.</summary>
public sealed class ConflictException : QueuedException
{
    internal ConflictException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>A limit is reached; <see cref="QueuedException.Resource"/> says which.</summary>
public sealed class CapacityExceededException : QueuedException
{
    internal CapacityExceededException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException) => RetryAfter = details.RetryAfter;

    /// <summary>When it may work, where that is known.</summary>
    public TimeSpan? RetryAfter { get; }
}

/// <summary>The thing is not in a state that allows this, such as the cancel of a task that has ended.</summary>
public sealed class PreconditionFailedException : QueuedException
{
    internal PreconditionFailedException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>The daemon does not allow this caller to do that.</summary>
public sealed class PermissionDeniedException : QueuedException
{
    internal PermissionDeniedException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>
/// The daemon is not there, is on its way out, or did not answer in time. Always transient. A submit without an
/// idempotency key that fails like this may or may not have added its task, and a task that was run with a
/// <see cref="SubmitOptions.ResultTtl"/> of 0 may or may not have ended.
/// </summary>
public sealed class DaemonUnavailableException : QueuedException
{
    internal DaemonUnavailableException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>
/// The task succeeded, and its result is not what the caller reads it as; <see cref="Exception.InnerException"/> says
/// where. A <see cref="TaskHandle"/> without a type gives the bytes of a result that is kept.
/// </summary>
public sealed class UnreadableResultException : QueuedException
{
    internal UnreadableResultException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>The daemon failed, or said something that this client does not understand.</summary>
public sealed class DaemonFaultException : QueuedException
{
    internal DaemonFaultException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}
