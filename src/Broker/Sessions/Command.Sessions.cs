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
}
