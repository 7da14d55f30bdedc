namespace Queued.Broker;

public abstract partial record Command
{
    /// <summary>What is done with pipes.</summary>
    public abstract record PipeCommand(RequestId Request) : Command;

    /// <summary>
    /// Takes an end of a pipe for the session, and makes the pipe where there is none. Reply:
    /// <see cref="Response.PipeOpened"/>.
    /// </summary>
    /// <param name="Side">Null: the first that is free.</param>
    /// <param name="BufferBytes">0: the default, or the pipe's own.</param>
    public sealed record OpenPipe(
        RequestId Request, SessionId Session, string Name, PipeSide? Side, PipeMode Mode, long BufferBytes)
        : PipeCommand(Request);

    /// <summary>What is done with an end that the session holds.</summary>
    public abstract record PipeEndCommand(RequestId Request, SessionId Session, PipeEndId End) : PipeCommand(Request);

    /// <summary>Waits for room. Reply: <see cref="Response.PipeSent"/>.</summary>
    public sealed record SendToPipe(
        RequestId Request, SessionId Session, PipeEndId End, IReadOnlyList<TaskPayload> Messages, TimeSpan Wait)
        : PipeEndCommand(Request, Session, End);

    /// <summary>Waits for the first message, or the end. Reply: <see cref="Response.PipeReceived"/>.</summary>
    /// <param name="MessagesMax">0: 1.</param>
    public sealed record ReceiveFromPipe(
        RequestId Request, SessionId Session, PipeEndId End, int MessagesMax, TimeSpan Wait)
        : PipeEndCommand(Request, Session, End);

    /// <summary>
    /// Gives back what was received last and reached nobody: it is received next. An end that has gone is no mistake.
    /// </summary>
    public sealed record ReturnToPipe(SessionId Session, PipeEndId End, IReadOnlyList<TaskPayload> Messages)
        : PipeEndCommand(default, Session, End);

    /// <summary>Waits until a receive would not wait. Reply: <see cref="Response.Ready"/>.</summary>
    public sealed record PollPipe(RequestId Request, SessionId Session, PipeEndId End, TimeSpan Wait)
        : PipeEndCommand(Request, Session, End);

    /// <summary>Reply: <see cref="Response.Done"/>.</summary>
    public sealed record ClosePipe(RequestId Request, SessionId Session, PipeEndId End, bool SendingOnly)
        : PipeEndCommand(Request, Session, End);

    /// <summary>
    /// In the order of names, after <paramref name="After"/>. Reply: <see cref="Response.PipePage"/>.
    /// </summary>
    public sealed record ListPipes(RequestId Request, int PageSize, string After) : PipeCommand(Request);
}
