namespace Queued.Broker;

public sealed partial class BrokerCore
{
    /// <summary>Payload bytes in memory that the store has, too.</summary>
    private long _windowBytes;

    private void Persist(Change change, bool mustFlush) => Emit(new Effect.Persist(change, mustFlush));

    private bool MustFlush(QueueEntry queue) =>
        queue.Durability == Durability.Fsync && Mutant != Mutant.SkipFlush;

    private void PersistAdded(TaskEntry task, TaskSubmission submission)
    {
        if (Mutant == Mutant.LosePayload && task.PayloadBytes > _limits.PayloadWindowBytes)
        {
            task.ReleasePayload();
            submission = submission with { Payload = task.Payload };
        }

        if (!task.IsStored) return;
        if (!task.Queue.IsStored)
        {
            // A memory queue that got a stored task back: a restart must find where it belongs.
            task.Queue.IsStored = true;
            PersistQueue(task.Queue);
        }

        var stored = new StoredTask(task.Id, submission, task.SubmittedAt, task.RetryOf, StandingOf(task));
        Persist(new Change.TaskAdded(stored), MustFlush(task.Queue));
        KeepInWindow(task);
    }

    /// <summary>Where the task stands now. Nobody waits for it, unless he is told of it in the same turn.</summary>
    private void PersistMoved(TaskEntry task, bool mustFlush = false)
    {
        if (!task.IsStored) return;
        Persist(new Change.TaskMoved(task.Id, StandingOf(task)), mustFlush && MustFlush(task.Queue));
    }

    private void PersistEnded(TaskEntry task)
    {
        if (task.IsStored && Mutant != Mutant.ForgetEndAtRestart)
            Persist(new Change.TaskEnded(task.Id, StandingOf(task)), MustFlush(task.Queue));
    }

    private void PersistRemoved(TaskEntry task, bool mustFlush = false)
    {
        if (!task.IsStored) return;
        var longest = Math.Max(task.PayloadBytes, task.End!.Result?.Length ?? 0);
        Persist(new Change.TaskRemoved(task.Id, longest), mustFlush && MustFlush(task.Queue));
    }

    private void PersistQueue(QueueEntry queue)
    {
        queue.IsStored |= queue.IsDurable;
        if (!queue.IsStored) return;
        Persist(new Change.QueueDeclared(new StoredQueue(queue.Name, SettingsOf(queue), queue.State)),
            MustFlush(queue));
    }

    private void PersistPool(PoolEntry pool)
    {
        if (pool.IsStored)
            Persist(new Change.PoolDeclared(pool.Settings with { Size = pool.Size }), mustFlush: true);
    }

    private static TaskStanding StandingOf(TaskEntry task) => new(task.State)
    {
        Attempt = task.Attempt,
        FailedAttempts = task.FailedAttempts,
        LostDeliveries = task.LostDeliveries,
        DueAt = task.DueAt,
        CancelReason = task.CancelRequested ? task.CancelText : null,
        PastAttempts = task.PastAttempts?.ToArray() ?? [],
        LastAttempt = task.Lease is { } lease ? ViewOf(lease, null, null) : task.End?.LastAttempt,
        End = task.End is { } end ? new StoredEnd(end.At, end.Result, end.Failure, end.IsDead) : null,
    };

    /// <summary>What the window has no room for stays in the store, and is read when it is handed out.</summary>
    private void KeepInWindow(TaskEntry task)
    {
        if (_windowBytes + task.WindowBytes > _limits.PayloadWindowBytes) ReleasePayload(task);
        _windowBytes += task.WindowBytes;
    }

    /// <summary>It has ended and everybody was told: who asks later can wait for the store.</summary>
    private void ReleasePayloads(TaskEntry task)
    {
        if (!task.IsStored) return;
        _windowBytes -= task.WindowBytes;
        ReleasePayload(task);
        _segments.Unhold(task.End!.Result);
        task.End.Result = task.End.Result?.ToStored();
    }

    private void ReleasePayload(TaskEntry task)
    {
        _segments.Unhold(task.Payload);
        task.ReleasePayload();
    }
}
