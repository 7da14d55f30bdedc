namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private bool _hasBegun;

    /// <summary>
    /// Takes up what an earlier daemon left in the store, as docs/task-lifecycle.md tells. Once, before all else.
    /// </summary>
    public void Restore(BrokerSnapshot snapshot, Now now, List<Effect> effects)
    {
        Invariant.Require(!_hasBegun);
        BeginTurn(now, effects);
        foreach (var queue in snapshot.Queues) RestoreQueue(queue);
        foreach (var key in snapshot.Keys) RestoreKey(key);
        RestoreTasks(snapshot);
        foreach (var pool in snapshot.Pools) Fill(AddPool(pool, isStored: true));
        Dispatch();
    }

    private void RestoreQueue(StoredQueue stored)
    {
        var queue = AddQueue(stored.Name);
        queue.IsStored = true;
        SetKind(queue, stored.Settings.Kind ?? QueueKind.Tasks);
        queue.State = Mutant == Mutant.ForgetPauseFlag ? QueueState.Active : stored.State;
        SetPolicy(queue, stored.Settings);
    }

    private void RestoreKey(StoredKey stored)
    {
        if (stored.Until <= Now.Wall) Persist(new Change.KeyForgotten(stored.Queue, stored.Key), mustFlush: false);
        else Remember(stored, isStored: true);
    }

    private void RestoreTasks(BrokerSnapshot snapshot)
    {
        var (ended, open) = (new List<TaskEntry>(), new List<TaskEntry>());
        var orphaned = new Dictionary<string, QueueEntry>(StringComparer.Ordinal);
        QueueEntry? latest = null;
        if (Mutant != Mutant.GiveNumbersAgain) SkipNumbers(snapshot.LastTask?.Value ?? 0);
        foreach (var stored in snapshot.Tasks)
        {
            if (Mutant != Mutant.GiveNumbersAgain) SkipNumbers(stored.Id.Value);
            var queue = latest?.Name == stored.Submission.Queue ? latest : QueueOf(stored, orphaned);
            latest = stored.Standing.State.IsFinal() ? null : queue;
            var task = new TaskEntry(stored.Id, queue, stored.Submission, stored.SubmittedAt)
            {
                RetryOf = stored.RetryOf,
                IsStored = true,
            };
            task.BecomeRestored(stored.Standing, EndOf(task, stored.Standing));
            _tasks.Add(task);
            if (task.State.IsFinal())
            {
                ended.Add(task);
                continue;
            }

            // Before any of them is placed: the newest of a concurrency key has set its limit by then.
            Open(task);
            KeepInWindow(task);
            task.Queue.Moved(0, task.State);
            open.Add(task);
        }

        foreach (var task in ended.OrderBy(task => task.End!.At).ThenBy(task => task.Id.Value)) RestoreEnded(task);
        foreach (var queue in _queues.Values) LimitDead(queue);
        LimitKept();
        foreach (var task in open) RestoreOpen(task);
    }

    private void SkipNumbers(ulong last) => _nextTask = Math.Max(_nextTask, last + 1);

    /// <summary>What has ended may be readable longer than its queue is there.</summary>
    private QueueEntry QueueOf(StoredTask stored, Dictionary<string, QueueEntry> orphaned)
    {
        var name = stored.Submission.Queue;
        if (_queues.TryGetValue(name, out var queue)) return queue;
        if (stored.Standing.State.IsFinal())
        {
            if (orphaned.TryGetValue(name, out queue)) return queue;
            orphaned.Add(name, queue = new QueueEntry(name, _latestTerms));
            SetKind(queue, KindOf(stored));
            return queue;
        }

        // A damaged record of the queue must not cost its tasks.
        queue = AddQueue(name);
        SetKind(queue, KindOf(stored));
        queue.Durability = Durability.Fsync;
        PersistQueue(queue);
        return queue;
    }

    private static QueueKind KindOf(StoredTask stored) =>
        stored.Submission.Handler.Length == 0 ? QueueKind.Messages : QueueKind.Tasks;

    private TaskEnd? EndOf(TaskEntry task, TaskStanding standing)
    {
        if (standing.End is not { } end) return null;
        var forgetAt = Now.Monotonic + (end.At + task.Plan.ResultTtl - Now.Wall);
        return new TaskEnd(end.At, forgetAt, end.Result, end.Failure, standing.LastAttempt)
        {
            Number = 0,
            IsDead = end.IsDead && _queues.ContainsKey(task.Queue.Name) && Mutant != Mutant.DropDeadLetters,
        };
    }

    private void RestoreEnded(TaskEntry task)
    {
        task.End!.Number = ++_ends;
        if (task.End.IsDead) AddDead(task);
        else Shelve(task);
    }

    private void RestoreOpen(TaskEntry task)
    {
        switch (task.State)
        {
            case TaskState.Running:
                LoseWithDaemon(task);
                break;
            case TaskState.Scheduled or TaskState.Retrying when task.DueAt > Now.Wall && Mutant != Mutant.LoseDelay:
                Wait(task, task.DueAt.Value - Now.Wall);
                break;
            default:
                var waited = Now.Wall - (task.DueAt ?? task.SubmittedAt);
                Enqueue(task, atOldPlace: false, waited > TimeSpan.Zero ? waited : TimeSpan.Zero);
                break;
        }
    }

    /// <summary>Whoever ran it has gone with the daemon: a lost delivery, as of any worker that dies.</summary>
    private void LoseWithDaemon(TaskEntry task)
    {
        if (task.IsMessage)
        {
            var gone = new TaskFailure(FailureKind.Lost, "The daemon was restarted while its consumer held it.");
            EndLost(task, CountLost(task), gone, null, atOldPlace: false);
            return;
        }

        var attempt = task.RestoredAttempt!;
        task.RestoredAttempt = null;
        if (task.CancelRequested && Mutant != Mutant.ForgetCancelAtRestart)
        {
            var cancelled = CancelFailure(task.CancelText) with
            {
                Worker = attempt.Worker,
                ProcessId = attempt.ProcessId,
            };
            Finish(task, TaskState.Cancelled, cancelled, null, Ended(cancelled));
            return;
        }

        task.CancelRequested = false;
        var failure = new TaskFailure(FailureKind.Lost, "The daemon was restarted while it ran.")
        {
            Worker = attempt.Worker,
            ProcessId = attempt.ProcessId,
        };
        var isLast = CountLost(task);
        if (Mutant == Mutant.CountLostTwice) isLast = CountLost(task);
        EndLost(task, isLast, failure, Ended(failure), atOldPlace: false);

        AttemptView Ended(TaskFailure why) => attempt with { EndedAt = Now.Wall, Failure = why };
    }
}
