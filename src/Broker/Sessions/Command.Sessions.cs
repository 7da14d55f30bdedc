namespace Queued.Broker;

public abstract partial record Command
{
    /// <summary>
    /// The session is there, until <see cref="EndSession"/>. What it holds of messages, pipes, state and memory is
    /// released then.
    /// </summary>
    /// <param name="Name">Who it is, for people.</param>
    public sealed record OpenSession(SessionId Session, string Name) : Command;

    /// <summary>
    /// Nobody waits any longer for the reply to that request. If it waits, it is refused now; if it does not, nothing
    /// happens.
    /// </summary>
    public sealed record CancelWait(RequestId Waiting) : Command;

    /// <summary>
    /// Waits until one of these can be had without waiting, or has ended. Nothing is taken. Reply:
    /// <see cref="Response.Ready"/>.
    /// </summary>
    public sealed record WaitAny(
        RequestId Request, SessionId Session, IReadOnlyList<WaitTarget> Targets, TimeSpan Wait) : Command;
}

/// <summary>One thing to wait for.</summary>
public abstract record WaitTarget
{
    private WaitTarget()
    {
    }

    /// <summary>A message queue has a message to give.</summary>
    public sealed record Queue(string Name) : WaitTarget;

    /// <summary>An end that the session holds has a message, or its end has come.</summary>
    public sealed record PipeEnd(PipeEndId End) : WaitTarget;

    /// <summary>A task has ended.</summary>
    public sealed record Task(TaskId Id) : WaitTarget;

    /// <summary>An event is set.</summary>
    public sealed record Event(string Name) : WaitTarget;
}
