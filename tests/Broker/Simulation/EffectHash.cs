namespace Queued.Broker.Tests.Simulation;

/// <summary>A number that two equal effects share on every run; hash codes of the runtime are not that.</summary>
internal static class EffectHash
{
    public static ulong Of(Effect effect) => effect switch
    {
        Effect.Persist persist => Mix(1, OfChange(persist.Change)),
        Effect.Reply reply => Mix(2, (ulong)reply.Request.Value, OfResponse(reply.Response)),
        Effect.TaskFinished finished =>
            Mix(
                3, (ulong)finished.Session.Value, finished.Tag, finished.Outcome.Id.Value,
                (ulong)finished.Outcome.State),
        Effect.TaskChanged changed =>
            Mix(4, (ulong)changed.Session.Value, changed.Task.Id.Value, (ulong)changed.Task.State),
        Effect.Assign assign => Mix(5, assign.Worker.Value, Of(assign.Assignment.Attempt)),
        Effect.CancelAttempt cancel => Mix(6, cancel.Worker.Value, Of(cancel.Attempt), (ulong)cancel.Grace.Ticks),
        Effect.RefuseAttempt refuse => Mix(7, refuse.Worker.Value, Of(refuse.Attempt), (ulong)refuse.Rejection.Reason),
        Effect.DrainWorker drain => Mix(8, drain.Worker.Value, (ulong)drain.Reason),
        Effect.DisconnectWorker disconnect => Mix(9, disconnect.Worker.Value),
        Effect.StartWorker start => Mix(10, start.Worker.Value),
        Effect.StartExec start => Mix(11, start.Worker.Value, Of(start.Assignment.Attempt)),
        Effect.TerminateWorker terminate => Mix(12, terminate.Worker.Value),
        Effect.KillWorker kill => Mix(13, kill.Worker.Value),
        Effect.AttemptEnded ended =>
            Mix(14, Of(ended.Report.Attempt), (ulong)ended.Report.Next, (ulong)ended.Report.RanFor.Ticks),
        Effect.WorkerEnded ended => Mix(15, ended.Worker.Value),
        Effect.PoolChanged changed => Mix(16, (ulong)changed.State),
        Effect.TaskForgotten forgotten => Mix(17, forgotten.Task.Value),
        Effect.ShutdownComplete => 18,
        Effect.CreateSegment create => Mix(19, create.Id.Value, (ulong)create.Bytes),
        Effect.ResizeSegment resize => Mix(20, resize.Id.Value, (ulong)resize.ToBytes),
        Effect.SegmentFree free => Mix(22, free.Id.Value),
        Effect.RemoveSegment remove => Mix(21, remove.Id.Value),
        Effect.AwaitStore => 23,
        _ => throw new NotSupportedException(effect.GetType().Name),
    };

    private static ulong OfResponse(Response response) => response switch
    {
        Response.Rejected rejected => Mix(1, (ulong)rejected.Rejection.Reason),
        Response.Submitted submitted => OfResults(submitted.Results),
        Response.OneTask one => Mix(2, one.Task.Id.Value, (ulong)one.Task.State),
        Response.Retried retried => Mix(3, retried.Task.Value),
        Response.Purged purged => Mix(4, (ulong)purged.Count),
        Response.QueueDeleted { Left: > 0 } deleted => Mix(11, (ulong)deleted.Left),
        Response.Welcomed welcomed => Mix(5, welcomed.Worker.Value, (ulong)welcomed.Slots),
        Response.TaskPage page => Mix(6, (ulong)page.Tasks.Count),
        Response.DeadPage page => Mix(6, (ulong)page.Tasks.Count),
        Response.MessagesPut put => OfIds(put.Ids.Span),
        Response.MessagesGiven given => OfMessages(given.Messages),
        Response.MessagesSettled settled => Mix(8, (ulong)settled.Refused.Count),
        Response.QueueJoined joined => Mix(9, (ulong)joined.Unfinished),
        Response.OneSegment one => Mix(8, one.Segment.Id.Value, (ulong)one.Segment.Bytes),
        _ => 7,
    };

    private static ulong OfIds(ReadOnlySpan<TaskId> ids)
    {
        var hash = 10UL;
        foreach (var id in ids) hash = Mix(hash, id.Value);
        return hash;
    }

    private static ulong OfMessages(IReadOnlyList<MessageView> messages)
    {
        var hash = 11UL;
        foreach (var message in messages) hash = Mix(hash, message.Id.Value, message.Delivery);
        return hash;
    }

    private static ulong OfResults(IReadOnlyList<SubmitResult> results)
    {
        var hash = 0UL;
        foreach (var result in results) hash = Mix(hash, result.Id.Value, (ulong)(result.Rejection?.Reason ?? 0));
        return hash;
    }

    private static ulong OfChange(Change change) => change switch
    {
        Change.TaskAdded added => Mix(1, added.Task.Id.Value),
        Change.TaskMoved moved => Mix(2, moved.Task.Value, (ulong)moved.Standing.State, moved.Standing.Attempt),
        Change.TaskEnded ended => Mix(3, ended.Task.Value, (ulong)ended.Standing.State),
        Change.TaskRemoved removed => Mix(4, removed.Task.Value),
        Change.QueueDeclared declared => Mix(5, (ulong)declared.Queue.State),
        _ => 6,
    };

    private static ulong Of(AttemptId attempt) => Mix(attempt.Task.Value, attempt.Attempt);

    private static ulong Mix(ulong a, ulong b) => ((a * 0x9E3779B97F4A7C15) ^ (a >> 29) ^ b) * 0xBF58476D1CE4E5B9;

    private static ulong Mix(ulong a, ulong b, ulong c) => Mix(Mix(a, b), c);

    private static ulong Mix(ulong a, ulong b, ulong c, ulong d) => Mix(Mix(a, b, c), d);

    private static ulong Mix(ulong a, ulong b, ulong c, ulong d, ulong e) => Mix(Mix(a, b, c, d), e);
}
