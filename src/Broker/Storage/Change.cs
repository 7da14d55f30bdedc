namespace Queued.Broker;

/// <summary>
/// One record for the store. Those of one turn stand or fall together; none outlives an earlier one that was lost.
/// </summary>
public abstract record Change
{
    private Change()
    {
    }

    /// <summary>Made or changed: replaces what was known of the queue.</summary>
    public sealed record QueueDeclared(StoredQueue Queue) : Change;

    /// <summary>The queue alone. Its keys and tasks have records of their own.</summary>
    public sealed record QueueDeleted(string Name) : Change;

    /// <summary>Made or changed; <see cref="PoolSettings.Size"/> is the latest.</summary>
    public sealed record PoolDeclared(PoolSettings Settings) : Change;

    public sealed record PoolDeleted(string Name) : Change;

    public sealed record KeyRemembered(StoredKey Key) : Change;

    public sealed record KeyForgotten(string Queue, string Key) : Change;

    /// <summary>
    /// A new task. Where its payload is stored already (<see cref="TaskPayload.IsStored"/>), it is the payload of
    /// <see cref="StoredTask.RetryOf"/>, which may be removed later than this.
    /// </summary>
    public sealed record TaskAdded(StoredTask Task) : Change;

    /// <summary>Replaces where the task stood. Its payloads stay as they are.</summary>
    public sealed record TaskMoved(TaskId Task, TaskStanding Standing) : Change;

    /// <summary>The task's one end; the result comes with it.</summary>
    public sealed record TaskEnded(TaskId Task, TaskStanding Standing) : Change;

    /// <summary>With its payloads.</summary>
    /// <param name="Task">The task.</param>
    /// <param name="PayloadBytesMax">Neither its payload nor its result is longer.</param>
    public sealed record TaskRemoved(TaskId Task, int PayloadBytesMax = int.MaxValue) : Change;
}
