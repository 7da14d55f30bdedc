namespace Queued.Broker;

public abstract partial record Response
{
    public sealed record PipeOpened(PipeEndId End, PipeSide Side, PipeMode Mode, long BufferBytes) : Response;

    /// <summary>So many of the messages, the first ones, are on their way.</summary>
    public sealed record PipeSent(int Count) : Response;

    /// <param name="IsEnd">The peer sends no more, and there is nothing left of what it has sent.</param>
    public sealed record PipeReceived(IReadOnlyList<TaskPayload> Messages, bool IsEnd) : Response;

    /// <summary><paramref name="Next"/> empty: the last page.</summary>
    public sealed record PipePage(IReadOnlyList<PipeView> Pipes, string Next) : Response;
}
