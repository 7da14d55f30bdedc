namespace Queued.Broker;

/// <summary>An operation that waits until the segment's file is ready for it.</summary>
/// <param name="bytes">The length that it is to get. 0: it is to be used as it is.</param>
internal sealed class SegmentWait(
    RequestId request, SessionEntry session, Segments segments, SegmentEntry segment, long bytes)
    : Wait(request, session)
{
    public SegmentEntry Segment { get; } = segment;

    public long Bytes { get; } = bytes;

    /// <summary>The session is to use the segment by it.</summary>
    public bool IsClaim => Bytes == 0;

    public override void Leave() => segments.Leave(this);

    public override Response Expire() => new Response.Rejected(new Rejection(
        RejectionReason.MemoryFull,
        $"The machine has not made room for the segment within {Segments.PatienceMax}. Try again later.",
        "size_bytes"));
}
