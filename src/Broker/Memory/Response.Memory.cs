namespace Queued.Broker;

public abstract partial record Response
{
    public sealed record OneSegment(SegmentView Segment) : Response;

    /// <summary><paramref name="Next"/> null: the last page.</summary>
    public sealed record SegmentPage(IReadOnlyList<SegmentView> Segments, SegmentId? Next) : Response;
}
