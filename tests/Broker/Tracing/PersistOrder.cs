namespace Queued.Broker.Tests.Tracing;

/// <summary>
/// The promise of a durable queue: what a reply or an outcome rests on is handed to the store before it, in the same
/// turn.
/// </summary>
internal static class PersistOrder
{
    public static void Check(List<Effect> effects)
    {
        for (var at = 0; at < effects.Count; at++)
        {
            if (effects[at] is not Effect.Persist persist) continue;
            for (var before = 0; before < at; before++)
            {
                if (DependsOn(effects[before], persist.Change))
                    throw new InvalidOperationException($"{effects[before]} left before {persist}.");
            }
        }
    }

    private static bool DependsOn(Effect effect, Change change) => (effect, change) switch
    {
        (Effect.Reply { Response: Response.Submitted submitted }, Change.TaskAdded added) =>
            submitted.Results.Any(result => result.Id == added.Task.Id),
        (Effect.Reply { Response: Response.Submitted }, Change.KeyRemembered) => true,
        (Effect.Reply { Response: Response.MessagesPut put }, Change.TaskAdded added) =>
            put.Ids.ToArray().Contains(added.Task.Id),
        (Effect.Reply { Response: Response.MessagesPut }, Change.KeyRemembered) => true,
        (Effect.Reply { Response: Response.MessagesGiven given }, Change.TaskRemoved removed) =>
            given.Messages.Any(message => message.Id == removed.Task),
        (Effect.Reply { Response: Response.MessagesSettled }, Change.TaskEnded) => true,
        (Effect.Reply { Response: Response.QueueUsed used }, Change.QueueDeclared declared) =>
            used.Queue.Name == declared.Queue.Name,
        (Effect.Reply { Response: Response.Retried retried }, Change.TaskAdded added) => retried.Task == added.Task.Id,
        (Effect.Reply { Response: Response.Requeued requeued }, Change.TaskAdded added) =>
            requeued.Tasks.Contains(added.Task.Id),
        (Effect.Reply { Response: Response.OneTask one }, Change.TaskEnded ended) => one.Task.Id == ended.Task,
        (Effect.Reply { Response: Response.OneTask one }, Change.TaskMoved { Standing.CancelReason: not null } moved) =>
            one.Task.Id == moved.Task,
        (Effect.Reply { Response: Response.Purged }, Change.TaskEnded) => true,
        (Effect.Reply { Response: Response.OneQueue one }, Change.QueueDeclared declared) =>
            one.Queue.Name == declared.Queue.Name,
        (Effect.Reply { Response: Response.QueueDeleted { Left: 0 } }, Change.QueueDeleted) => true,
        (Effect.Reply { Response: Response.QueueDeleted { Left: > 0 } }, Change.TaskRemoved) => true,
        (Effect.Reply { Response: Response.Done }, Change.PoolDeleted) => true,
        (Effect.Reply { Response: Response.OnePool one }, Change.PoolDeclared declared) =>
            one.Pool.Settings.Name == declared.Settings.Name,
        (Effect.TaskFinished finished, Change.TaskEnded ended) => finished.Outcome.Id == ended.Task,
        (Effect.TaskChanged changed, Change.TaskEnded ended) =>
            changed.Task.Id == ended.Task && changed.Task.State.IsFinal(),
        _ => false,
    };
}
