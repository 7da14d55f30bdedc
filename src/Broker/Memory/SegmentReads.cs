namespace Queued.Broker;

/// <summary>
/// Which segments have to be read to carry out an effect. As long as that is not done they are held for it, so the core
/// and whoever carries effects out must agree on it.
/// </summary>
public static class SegmentReads
{
    /// <summary>The segments, one for each payload that has to be read.</summary>
    public static IEnumerable<SegmentId> Of(Effect effect) => effect switch
    {
        Effect.Assign assign => Read(assign.Assignment.Payload),
        Effect.TaskFinished finished => Read(finished.Outcome.Result),
        Effect.TaskChanged changed => Read(changed.Task),
        Effect.Reply { Response: Response.OneTask one } => Read(one.Task),
        Effect.Persist persist => Of(persist.Change),
        _ => [],
    };

    /// <summary>The store keeps a copy, whoever else can map the segment.</summary>
    public static IEnumerable<SegmentId> Of(Change change) => change switch
    {
        Change.TaskAdded { Task: var task } => Ranges(task.Submission.Payload, task.Standing.End?.Result),
        Change.TaskEnded { Standing.End.Result: var result } => Ranges(result, null),
        _ => [],
    };

    private static IEnumerable<SegmentId> Read(TaskView task) => task.Payload is null && task.Result is null
        ? []
        : Read(task.Payload).Concat(Read(task.Result));

    private static IEnumerable<SegmentId> Read(TaskPayload? payload) =>
        payload is { IsToBeRead: true, Range: { } range } ? [range.Segment] : [];

    /// <summary>Asked for every change that is stored, and hardly ever with an answer.</summary>
    private static IEnumerable<SegmentId> Ranges(TaskPayload? one, TaskPayload? other) =>
        (one?.Range, other?.Range) switch
        {
            (null, null) => [],
            ({ } first, null) => [first.Segment],
            (null, { } second) => [second.Segment],
            ({ } first, { } second) => [first.Segment, second.Segment],
        };
}
