namespace Queued.Broker;

/// <summary>
/// Payloads and results of tasks in segments. A task holds the segments of its own for as long as it is known; an
/// effect holds one that has to be read for it until that is done; and who is told of a result, and maps it, uses its
/// segment until it says that it has read it.
/// </summary>
internal sealed partial class Segments
{
    /// <summary>
    /// How long results that a client was told of stay after its stream has ended. It may be reading one in that
    /// moment, and would read what another task writes there.
    /// </summary>
    private static readonly TimeSpan ReadTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>Whether the bytes are there, and stay there as long as somebody holds them.</summary>
    public bool AreThere(SegmentRange range) =>
        _segments.TryGetValue(range.Segment, out var segment) && segment.State is not SegmentState.Making &&
        range.Offset >= 0 && range.Length > 0 &&
        range.Offset <= (segment.BytesNext > 0 ? Math.Min(segment.Bytes, segment.BytesNext) : segment.Bytes) -
            range.Length;

    /// <summary>The task has bytes there, from now on.</summary>
    public void Hold(TaskPayload? payload, TaskId task)
    {
        if (payload?.Range is not { } range) return;
        var segment = _segments[range.Segment];
        segment.Task = task;
        Hold(segment);
    }

    /// <summary>The task needs these bytes no more.</summary>
    public void Unhold(TaskPayload? payload)
    {
        if (payload?.Range is { } range) Unhold(range.Segment);
    }

    /// <summary>Somebody has to read the segment to carry out an effect.</summary>
    public void HoldFor(Effect effect)
    {
        foreach (var id in SegmentReads.Of(effect)) Hold(_segments[id]);
    }

    /// <summary>The session is told of a result, and uses its segment if it maps it.</summary>
    public TaskPayload? Tell(TaskPayload? result, SessionEntry session)
    {
        if (result?.Range is not { } range) return result;
        if (!session.MapsSegments) return result.Value.ToRead();
        Use(_segments[range.Segment], session);
        return result;
    }

    /// <summary>Those who might have been reading have had their time.</summary>
    public void Due(LingeringRead read) => Unhold(read.Segment);

    public void Hold(SegmentId id) => Hold(_segments[id]);

    private static void Hold(SegmentEntry segment)
    {
        segment.Holds++;
        segment.IsBusy = true;
    }

    public void Unhold(SegmentId id)
    {
        if (Mutant == Mutant.KeepReadSegments || !_segments.TryGetValue(id, out var segment)) return;
        Invariant.Require(segment.Holds > 0);
        segment.Holds--;
        Left(segment);
    }

    private void Linger(SegmentEntry segment)
    {
        Hold(segment);
        turn.SetTimer(new LingeringRead(segment.Id), turn.Now.Monotonic + ReadTimeMax);
    }

    /// <summary>One use or hold less. Its maker is told once when it has it for itself again.</summary>
    private void Left(SegmentEntry segment)
    {
        RemoveIfUnwanted(segment);
        if (!segment.IsBusy || !segment.IsIdle) return;
        segment.IsBusy = false;
        turn.Emit(new Effect.SegmentFree(segment.Maker.Id, segment.Id));
    }
}

/// <summary>A result that a session was told of, which has ended since.</summary>
internal sealed class LingeringRead(SegmentId segment) : Timed
{
    public SegmentId Segment { get; } = segment;
}
