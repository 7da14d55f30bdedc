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

    /// <summary>The number of its last attempt.</summary>
    public int ToldAttempt { get; set; }

    /// <summary>What the daemon said of its end after a restart, and by when.</summary>
    public TaskState? Read { get; set; }

    public long ReadAt { get; set; }

    /// <summary>The look at which nothing was left to be learned of it. 0: not yet.</summary>
    public int SettledAt { get; set; }

    public bool IsCancelAcknowledged { get; set; }

    /// <summary>No attempt may begin after this.</summary>
    public long EndedBy => Math.Min(Told is null ? long.MaxValue : ToldAt, Read is null ? long.MaxValue : ReadAt);

    /// <summary>What its last attempt has to be at least.</summary>
    public int AttemptMin => Kind switch { Kind.Flaky or Kind.Doomed => 2, Kind.Cancelled => 0, _ => 1 };

    /// <summary>The only end that it may have.</summary>
    public bool IsRightEnd(TaskState state) => Kind switch
    {
        Kind.Doomed => state == TaskState.Failed,
        Kind.Cancelled => state == TaskState.Cancelled,
        _ => state == TaskState.Succeeded,
    };
}
