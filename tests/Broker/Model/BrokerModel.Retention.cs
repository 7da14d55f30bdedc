namespace Queued.Broker.Tests.Model;

/// <summary>
/// What has ended and is pushed out. How much of it one turn does is the core's choice; that it is the oldest, and that
/// it goes on, is checked.
/// </summary>
internal sealed partial class BrokerModel
{
    /// <summary>Queues that may have more dead letters than their limit allows.</summary>
    private readonly HashSet<ModelQueue> _limited = [];

    /// <summary>What was removed last is not on the disk, so nothing more has to be.</summary>
    private bool _isStoreAwaited;

    /// <summary>It is, and no time has passed since.</summary>
    private bool _isResuming;
    private int _pushedOut;

    /// <summary>Letters that must be gone by the end of the turn.</summary>
    private readonly List<ModelTask> _deleted = [];

    private void AwaitStore()
    {
        Require(!_isStoreAwaited, "The store is awaited twice at once.");
        Require(_effects.Exists(effect => effect is Effect.Persist), "The store is awaited, and nothing was written.");
        _isStoreAwaited = true;
    }

    private void StoreReached()
    {
        Require(_isStoreAwaited, "Nobody awaited the store.");
        (_isStoreAwaited, _isResuming) = (false, true);
    }

    /// <returns>Whether the turn has to get on with what there is to push out.</returns>
    private bool BeginsRetention(bool isTime)
    {
        _pushedOut = 0;
        var mustRetain = isTime && !_isStoreAwaited;
        if (mustRetain) _isResuming = false;
        return mustRetain;
    }

    /// <summary>As many of the oldest letters as the core has let go are no letters any more.</summary>
    private void FollowDead()
    {
        foreach (var queue in _limited)
        {
            var dead = DeadOf(queue);
            if (dead.Count <= queue.DeadMax || !_queues.Contains(queue)) continue;
            var view = (ask(request => new Command.GetQueue(request, queue.Name)) as Response.OneQueue)!.Queue;
            var left = (int)view.Dead;
            Require(
                left >= queue.DeadMax && left <= Math.Max(queue.DeadMax, queue.DeadBound),
                $"{queue.Name} has {left} dead letters of {dead.Count}, and may have {queue.DeadMax}.");
            LetGo(dead[..(dead.Count - left)]);
        }
    }

    private void LetGo(List<ModelTask> letters)
    {
        _pushedOut += letters.Count;
        foreach (var letter in letters)
        {
            letter.IsDead = false;
            Touch(letter);
        }
    }

    private void LetGoWithQueue(List<ModelTask> letters)
    {
        foreach (var letter in letters) letter.IsDead = false;
        _deleted.AddRange(letters);
    }

    private void CheckDeleted()
    {
        Require(!_deleted.Exists(_tasks.Contains), "A letter that was deleted is still there.");
        _deleted.Clear();
    }

    private void CheckDead(bool mustRetain)
    {
        foreach (var queue in _limited) queue.DeadBound = DeadOf(queue).Count;
        _limited.RemoveWhere(queue => queue.DeadBound <= queue.DeadMax || !_queues.Contains(queue));
        Require(
            _limited.Count == 0 || !mustRetain || _pushedOut >= limits.RetentionStepMax,
            $"Only {_pushedOut} dead letters were pushed out.");
        foreach (var queue in _queues)
        {
            if (!_limited.Contains(queue)) queue.DeadBound = queue.DeadMax;
        }
    }

    private void Forgotten(TaskId id)
    {
        if (Find(id) is not { } task) { Fail($"{id} was forgotten and is not there."); return; }
        Require(task.State.IsFinal(), $"{id} was forgotten while {task.State}.");
        var kept = _tasks.FindAll(other => other.State.IsFinal());
        var isTooMuch = kept.Sum(other => other.KeptBytesMax) > limits.FinishedBytesMax;
        if (task.IsDead)
        {
            var dead = DeadOf(task.Queue);
            var older = dead[..dead.IndexOf(task)];
            var pushedOut = dead.Count - task.Queue.DeadMax;
            Require(isTooMuch || older.Count < pushedOut, $"{id} was forgotten and is a dead letter.");
            if (older.Count < pushedOut) _pushedOut++;
            if (!_rejected.Contains(task))
            {
                // They were let go in the same turn and are kept for their time, of which nobody is told.
                Require(
                    older.Count <= Math.Max(0, pushedOut) &&
                    older.TrueForAll(letter => letter.ForgetAt > _now.Monotonic),
                    $"{id} was forgotten and is not the oldest letter of {task.Queue.Name}.");
                LetGo(older);
            }
        }
        else if (task.ForgetAt > _now.Monotonic)
        {
            Require(
                kept.Count > limits.FinishedTasksMax || isTooMuch || _deleted.Contains(task),
                $"{id} was forgotten before its time.");
        }

        Touch(task);
        _tasks.Remove(task);
    }

    private void CheckForgotten()
    {
        if (_isStoreAwaited || _isResuming) return;
        // What one turn does not get done, the next one does.
        if (_effects.Count(effect => effect is Effect.TaskForgotten) >= limits.RetentionStepMax) return;
        var latest = new Instant(_now.Monotonic.Ticks - lateness.Ticks);
        foreach (var task in _tasks)
        {
            if (task.State.IsFinal() && !task.IsDead && task.ForgetAt < latest)
                Fail($"{task.Id} was not forgotten in time.");
        }
    }
}
