namespace Queued.Client;

/// <summary>
/// The session with the daemon has ended, by a broken connection or with the daemon, and all that it held was
/// released: locks, pipe ends, leases of messages, memory segments.
/// </summary>
public sealed class SessionLostException : QueuedException
{
    internal SessionLostException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>There is no such shared object, or it was deleted.</summary>
public sealed class StateNotFoundException : QueuedException
{
    internal StateNotFoundException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>The end of the pipe is not held by this client, or was closed.</summary>
public sealed class PipeNotFoundException : QueuedException
{
    internal PipeNotFoundException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>There is no such memory segment, or its last user has gone.</summary>
public sealed class SegmentNotFoundException : QueuedException
{
    internal SegmentNotFoundException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>The peer of the pipe has gone, or the half of this end that would be needed is closed.</summary>
public sealed class PipeClosedException : QueuedException
{
    internal PipeClosedException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>The lock or the lease is no longer held: its time was over, or it was taken away.</summary>
public sealed class GrantLostException : QueuedException
{
    internal GrantLostException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>
/// A message is not of the type that it is read as; <see cref="Exception.InnerException"/> says where.
/// <see cref="QueuedException.Resource"/> is the queue.
/// </summary>
public sealed class UnreadableMessageException : QueuedException
{
    internal UnreadableMessageException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }

    /// <summary>Its number, unique among the messages and tasks of the daemon.</summary>
    public ulong MessageId { get; internal init; }

    /// <summary>
    /// Its bytes and their media type: nobody else has them where the message was taken off the queue.
    /// </summary>
    public TaskPayload Payload { get; internal init; }
}

/// <summary>The barrier broke: somebody who waited at it has gone or waited for too long, or it was reset.</summary>
public sealed class BarrierBrokenException : QueuedException
{
    internal BarrierBrokenException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}

/// <summary>The wait was called off by a call of this client.</summary>
public sealed class WaitCancelledException : QueuedException
{
    internal WaitCancelledException(ErrorDetails details, Exception? innerException = null)
        : base(details, innerException)
    {
    }
}
