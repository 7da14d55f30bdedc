using Queued.Broker;
using Queued.Daemon.Edge;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>What may go with what, so that the columns of a batch stay in step.</summary>
public sealed class AssignmentBatchTests
{
    private static readonly DateTimeOffset SubmittedAt = DateTimeOffset.UnixEpoch.AddSeconds(3);

    private readonly List<Wire.AssignmentBatch> _batches = [];
    private Assignment? _previous;

    [Fact]
    public void Attempts_that_were_tried_before_go_together_and_not_with_others()
    {
        Give(Of(1), Of(2), Of(3) with { FailedAttempts = 2 }, Of(4) with { FailedAttempts = 1 }, Of(5));

        Assert.Equal([[1UL, 2UL], [3UL, 4UL], [5UL]], _batches.Select(batch => batch.TaskIds.ToArray()));
        Assert.Equal([[], [2U, 1U], []], _batches.Select(batch => batch.FailedAttempts.ToArray()));
        Assert.All(_batches, batch => Assert.True(batch.Payloads.Holds(batch.TaskIds.Count)));
        Assert.All(_batches, batch => Assert.All(batch.SubmittedAtUs, time => Assert.Equal(3_000_000UL, time)));
    }

    [Fact]
    public void A_payload_in_a_segment_goes_alone_and_nothing_joins_it()
    {
        var range = new SegmentRange(new SegmentId(7), 0, 100, default);
        Give(Of(1), Of(2) with { Payload = TaskPayload.InSegment(range, "text/plain") }, Of(3));

        Assert.Equal([[1UL], [2UL], [3UL]], _batches.Select(batch => batch.TaskIds.ToArray()));
        Assert.Equal([null, 7UL, null], _batches.Select(batch => batch.Payload?.Segment.SegmentId));
        Assert.Null(_batches[1].Payloads);
    }

    [Fact]
    public void Others_have_another_target_or_media_type()
    {
        var second = new AssignmentTarget("other", "second");
        Give(
            Of(1), Of(2) with { Target = new AssignmentTarget("other", "q") }, Of(3) with { Target = second },
            Of(4) with { Target = second, Payload = new TaskPayload(new byte[1], "image/png") });

        Assert.All(_batches, batch => Assert.Single(batch.TaskIds));
        Assert.Equal(["h", "other", "other", "other"], _batches.Select(batch => batch.Target.Handler));
        Assert.Equal("image/png", _batches[3].Payloads.ContentType);
    }

    private static Assignment Of(ulong task) => new()
    {
        Attempt = new AttemptId(new TaskId(task), 1),
        Target = new AssignmentTarget("h", "q"),
        Payload = new TaskPayload(new byte[task], "text/plain"),
        SubmittedAt = SubmittedAt,
    };

    private void Give(params Assignment[] assignments)
    {
        foreach (var assignment in assignments)
        {
            if (!ProtoMapping.TryAdd(_batches, assignment, _previous)) _batches.Add(ProtoMapping.ToWire(assignment));
            _previous = assignment;
        }

        foreach (var batch in _batches) batch.Payloads?.Seal();
    }
}
