namespace Queued.Broker;

public abstract partial record Effect
{
    /// <summary>
    /// Make the segment's file, with room for all of it. Answered with <see cref="Command.SegmentReady"/>. What is to
    /// be done with files is done one after the other, in this order.
    /// </summary>
    public sealed record CreateSegment(SegmentId Id, long Bytes) : Effect;

    /// <summary>
    /// Give the file another length. Answered with <see cref="Command.SegmentReady"/>; where it fails the file keeps
    /// the length that it has.
    /// </summary>
    public sealed record ResizeSegment(SegmentId Id, long FromBytes, long ToBytes) : Effect;

    /// <summary>Tell the session that nobody uses this segment of its own any more: it can write it again.</summary>
    public sealed record SegmentFree(SessionId Session, SegmentId Id) : Effect;

    /// <summary>Remove the file. Who has it mapped keeps what is in it.</summary>
    public sealed record RemoveSegment(SegmentId Id) : Effect;
}
