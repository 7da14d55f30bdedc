namespace Queued.Broker;

public abstract partial record Command
{
    /// <summary>What is asked of memory segments, and what became of their files.</summary>
    public abstract record MemoryCommand : Command;

    /// <summary>
    /// Makes a segment, which the session uses. Reply: <see cref="Response.OneSegment"/>, when its file is there.
    /// </summary>
    /// <param name="Name">Empty: it has none.</param>
    public sealed record CreateSegment(RequestId Request, SessionId Session, string Name, long Bytes) : MemoryCommand;

    /// <summary>
    /// The session uses the segment, once more if it does already. Reply: <see cref="Response.OneSegment"/>, when no
    /// other operation that came before is under way.
    /// </summary>
    /// <param name="Id">Null: by its name.</param>
    public sealed record OpenSegment(RequestId Request, SessionId Session, string Name, SegmentId? Id) : MemoryCommand;

    /// <summary>Reply: <see cref="Response.OneSegment"/>, when its file has the length.</summary>
    public sealed record ResizeSegment(RequestId Request, SessionId Session, SegmentId Id, long Bytes) : MemoryCommand;

    /// <summary>Takes one use back. Reply: <see cref="Response.Done"/>.</summary>
    public sealed record CloseSegment(RequestId Request, SessionId Session, SegmentId Id) : MemoryCommand;

    /// <summary>Takes the name away. Reply: <see cref="Response.Done"/>.</summary>
    public sealed record UnlinkSegment(RequestId Request, string Name) : MemoryCommand;

    /// <summary>
    /// In the order of numbers, after <paramref name="After"/>. Reply: <see cref="Response.SegmentPage"/>.
    /// </summary>
    public sealed record ListSegments(RequestId Request, int PageSize, SegmentId? After) : MemoryCommand;

    /// <summary>
    /// What <see cref="Effect.CreateSegment"/> or <see cref="Effect.ResizeSegment"/> asked for is done.
    /// </summary>
    /// <param name="Error">Why it is not. Null: it is.</param>
    public sealed record SegmentReady(SegmentId Id, string? Error) : MemoryCommand;

    /// <summary>
    /// The session maps segments: results that are in one need not be read for it. Each that it is told of is a use of
    /// its segment, given back with <see cref="CloseSegment"/>.
    /// </summary>
    public sealed record MapSegments(SessionId Session) : Command;

    /// <summary>
    /// The bytes that an effect had in this segment were read, or need not be any more. Once for each
    /// (<see cref="SegmentReads"/>).
    /// </summary>
    public sealed record SegmentRead(SegmentId Id) : MemoryCommand;
}
