namespace Queued.Broker;

public sealed partial class BrokerCore
{
    /// <summary>
    /// Finished tasks that are no dead letters, by the end of their time. Not among the timers, so that a turn can take
    /// some of them and leave the rest.
    /// </summary>
    private readonly IndexedHeap<Deadline, Deadline.ByDue> _shelf = new();

    /// <summary>The same, oldest end first.</summary>
    private readonly LinkedRing<TaskEntry, TaskEntry.Links> _finished = new();

    /// <summary>The dead letters of all queues, the oldest end first.</summary>
    private readonly DeadLetters _dead = new();

    /// <summary>Of all that has ended and is kept, dead letters included.</summary>
    private long _keptBytes;

    /// <summary>
    /// What this turn may still remove before its time, or at its end: one large result can push out a hundred thousand
    /// small ones, and nobody is to wait for so many in the store.
    /// </summary>
    private int _retentionLeft;

    /// <summary>Likewise of dead letters, of which a lower limit can push out many.</summary>
    private int _deadLeft;

    /// <summary>Queues with more dead letters than they may have.</summary>
    private readonly Queue<QueueEntry> _overfull = new();

    /// <summary>
    /// What a turn has removed is not on the disk yet. Until it is nothing more is removed than what newer ends push
    /// out, each one: a slow disk must not be given more and more to do that nobody waits for.
    /// </summary>
    private bool _isStoreAwaited;

    /// <summary>
    /// A finished task stays for its readers: as a dead letter, or for its time. One whose submitter wants nothing kept
    /// (a result_ttl of 0) is no dead letter either.
    /// </summary>
    private void Keep(TaskEntry task)
    {
        if (_isStoreAwaited) _retentionLeft++;
        if (task.End!.IsDead) KeepDead(task);
        else KeepFinished(task);
        LimitKept();
    }

    /// <summary>More is kept than may be; the next turn goes on.</summary>
    private bool IsRetentionBehind => !_isStoreAwaited &&
        (_finished.Count > _limits.FinishedTasksMax || _keptBytes > _limits.FinishedBytesMax || _overfull.Count > 0);

    private bool TakeRetentionStep(TaskEntry task) => TakeStep(ref _retentionLeft, task);

    private bool TakeStep(ref int left, TaskEntry task)
    {
        if (left == 0) return false;
        left--;
        if (!task.IsStored || _isStoreAwaited) return true;
        _isStoreAwaited = true;
        Emit(new Effect.AwaitStore());
        return true;
    }

    private void BeginRetention() => _retentionLeft = _deadLeft = _isStoreAwaited ? 0 : _limits.RetentionStepMax;

    /// <summary>What has been kept for its time, and what is too much.</summary>
    private void Retain()
    {
        for (var queues = _overfull.Count; queues > 0 && _deadLeft > 0; queues--) LimitDead(_overfull.Dequeue());
        while (_shelf.First is { Timed: TaskEntry old } first && first.Due <= Now.Monotonic && TakeRetentionStep(old))
            Forget(old);
        LimitFinished();
        LimitKept();
    }

    private static bool IsDeadLetter(TaskEntry task, TaskState end) =>
        end is TaskState.Failed or TaskState.TimedOut && task.Plan.ResultTtl != TimeSpan.Zero;

    /// <summary>It pushes out another one, however many the turn has pushed out.</summary>
    private void KeepDead(TaskEntry task)
    {
        AddDead(task);
        _deadLeft++;
        LimitDead(task.Queue);
    }

    private void AddDead(TaskEntry task)
    {
        task.Queue.Dead.Add(task);
        _dead.Add(task);
        _keptBytes += task.KeptBytes;
    }

    /// <summary>The next turns go on where this one has done enough.</summary>
    private void LimitDead(QueueEntry queue)
    {
        while (queue.Dead.Count > queue.DeadMax)
        {
            var oldest = queue.Dead.First!;
            if (!TakeStep(ref _deadLeft, oldest))
            {
                if (!_overfull.Contains(queue)) _overfull.Enqueue(queue);
                return;
            }

            DropDead(oldest);
        }
    }

    private void KeepFinished(TaskEntry task)
    {
        if (task.IsMessage || task.End!.ForgetAt <= Now.Monotonic) Remove(task);
        else Shelve(task);
    }

    private void Shelve(TaskEntry task)
    {
        _finished.AddLast(task);
        _keptBytes += task.KeptBytes;
        _shelf.Add(PlaceOnShelf(task));
        LimitFinished();
    }

    private void LimitFinished()
    {
        while (_finished.Count > _limits.FinishedTasksMax && TakeRetentionStep(_finished.First!))
            Forget(_finished.First!);
    }

    /// <summary>Of what is too many bytes the oldest end goes, whether for its readers or as a dead letter.</summary>
    private void LimitKept()
    {
        while (_keptBytes > _limits.FinishedBytesMax)
        {
            var (finished, letter) = (_finished.First, _dead.First);
            var isLetter = letter is not null && !(finished?.End!.Number < letter.End!.Number);
            if (!TakeRetentionStep(isLetter ? letter! : finished!)) return;
            if (!isLetter)
            {
                Forget(finished!);
                continue;
            }

            LeaveDead(letter!);
            Remove(letter!);
        }
    }

    /// <summary>No dead letter any more; what is left of its time it is kept.</summary>
    private void DropDead(TaskEntry task)
    {
        LeaveDead(task);
        if (Mutant != Mutant.RequeueAgainAfterRestart) PersistMoved(task);
        KeepFinished(task);
    }

    private void LeaveDead(TaskEntry task)
    {
        task.Queue.Dead.Remove(task);
        _dead.Remove(task);
        _keptBytes -= task.KeptBytes;
        task.End!.IsDead = false;
    }

    private void Forget(TaskEntry task)
    {
        _shelf.Remove(PlaceOnShelf(task));
        _finished.Remove(task);
        _keptBytes -= task.KeptBytes;
        Remove(task);
    }

    private static Deadline PlaceOnShelf(TaskEntry task) => new(task.End!.ForgetAt, task);

    private void Remove(TaskEntry task, bool mustFlush = false)
    {
        _tasks.Remove(task);
        _segments.Unhold(task.Payload);
        _segments.Unhold(task.End!.Result);
        PersistRemoved(task, mustFlush);
        Emit(new Effect.TaskForgotten(task.Id));
    }

    private void ListDead(Command.ListDead list)
    {
        if (!TryFindQueue(list.Queue, out var queue, out var missing) ||
            !TryPage(list.PageSize, out var size, out missing))
        {
            Refuse(list.Request, missing!);
            return;
        }

        // By its number, not by its letter: the one that the page before ended with may be gone.
        var page = queue.Dead.After(list.After ?? 0).Take(size + 1).ToList();
        ulong? next = page.Count > size ? page[size - 1].End!.Number : null;
        var views = page.Take(size).Select(letter => ViewOf(letter, withPayload: false, withResult: false)).ToArray();
        Reply(list.Request, new Response.DeadPage(views, next));
    }

    private void RequeueDead(Command.RequeueDead requeue)
    {
        if (!TryFindQueue(requeue.Queue, out var queue, out var missing))
        {
            Refuse(requeue.Request, missing);
            return;
        }

        if (RefuseRequeue(queue, requeue, out var letters) is { } rejection)
        {
            Refuse(requeue.Request, rejection);
            return;
        }

        var added = new TaskId[letters.Count];
        for (var index = 0; index < added.Length; index++)
        {
            added[index] = AddAgain(queue, letters[index]).Id;
            DropDead(letters[index]);
        }

        Reply(requeue.Request, new Response.Requeued(added));
    }

    /// <summary>
    /// All or nothing where letters are named: one that is not there, or too little room, refuses the whole.
    /// </summary>
    private Rejection? RefuseRequeue(QueueEntry queue, Command.RequeueDead requeue, out List<TaskEntry> letters)
    {
        letters = [];
        if (_isShuttingDown) return Rejections.DaemonDraining();
        if (requeue.Tasks.Count > _limits.SubmitBatchMax)
            return Rejections.Limit(
                nameof(BrokerLimits.SubmitBatchMax), _limits.SubmitBatchMax, "tasks of one requeue");
        if (requeue.Tasks.Count == 0) return TakeOldest(queue, letters);
        var known = new HashSet<TaskId>();
        foreach (var id in requeue.Tasks)
        {
            if (!known.Add(id)) return Rejections.Invalid("task_ids", $"Task {id} is listed twice.");
            if (_tasks.Find(id) is not { } letter) return Rejections.TaskNotFound(id) with { Field = "task_ids" };
            if (letter is not { End.IsDead: true } || letter.Queue != queue)
            {
                return new Rejection(
                    RejectionReason.TaskNotFound,
                    $"Task {id} ({letter.State}) is no dead letter of the queue '{queue.Name}'.",
                    "task_ids", id.ToString());
            }

            letters.Add(letter);
        }

        return RefuseForRoom(queue, null, letters.Count, letters.Sum(letter => (long)letter.PayloadBytes));
    }

    /// <summary>As many as one requeue may hold and the queue has room for, the oldest first.</summary>
    private Rejection? TakeOldest(QueueEntry queue, List<TaskEntry> letters)
    {
        var bytes = 0L;
        foreach (var next in queue.Dead.After(0).Take(_limits.SubmitBatchMax))
        {
            bytes += next.PayloadBytes;
            if (RefuseForRoom(queue, null, letters.Count + 1, bytes) is { } full)
                return letters.Count == 0 ? full : null;
            letters.Add(next);
        }

        return null;
    }
}
