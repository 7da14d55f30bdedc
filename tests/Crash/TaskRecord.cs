using Queued.Client;

namespace Queued.Crash;

/// <summary>All that is known of a task that the daemon has acknowledged.</summary>
internal sealed class TaskRecord(TaskId id, string key)
{
    public TaskId Id => id;

    public string Key => key;

    public Kind Kind { get; } = Plan.KindOf(key);

    /// <summary>What a client was told of its end, and when. Once.</summary>
    public TaskState? Told { get; set; }

    public long ToldAt { get; set; }

    /// <summary>What the daemon said of its end after a restart.</summary>
    public TaskState? Read { get; set; }

    public bool IsCancelAcknowledged { get; set; }

    public bool IsEnded => Told is not null || Read is not null;

    /// <summary>The only end that it may have.</summary>
    public bool IsRightEnd(TaskState state) => Kind switch
    {
        Kind.Doomed => state == TaskState.Failed,
        Kind.Cancelled => state == TaskState.Cancelled,
        _ => state == TaskState.Succeeded,
    };
}
