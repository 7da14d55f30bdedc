namespace Queued.Broker;

internal sealed partial class Segments
{
    /// <summary>Counts everything again, in O(n). For tests.</summary>
    public void Verify(IEnumerable<TaskEntry> tasks)
    {
        var held = tasks.SelectMany(task => new[] { task.Payload.Range, task.End?.Result?.Range })
            .OfType<SegmentRange>().CountBy(range => range.Segment);
        // Reads that are under way hold too.
        foreach (var (id, count) in held) Invariant.Require(_segments[id].Holds >= count);
        Invariant.Require(_bytes == _segments.Values.Sum(segment => segment.BytesCounted));
        Invariant.Require(_bytes <= limits.SegmentBytesTotalMax && _segments.Count <= limits.SegmentsMax);
        Invariant.Require(_numbers.Count == _segments.Count);
        Invariant.Require(_named.Values.All(segment => _segments.GetValueOrDefault(segment.Id) == segment));
        foreach (var segment in _segments.Values)
        {
            Invariant.Require(segment.IsWanted && segment.State != SegmentState.Removed);
            Invariant.Require(segment.Uses == segment.Users.Values.Sum());
            Invariant.Require(segment.State != SegmentState.Ready || segment.Waits.Count == 0);
            Invariant.Require(segment.State != SegmentState.Ready || segment.Working is null);
            foreach (var session in segment.Users.Keys)
                Invariant.Require(session.Segments!.Contains(segment) && sessions.ContainsValue(session));
        }
    }
}
