namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private readonly ModelDisk _disk = new();

    /// <summary>What left the core and promises that it is on the disk, until it was told.</summary>
    private readonly Dictionary<Effect, int> _promises = new(ReferenceEqualityComparer.Instance);

    private readonly List<(int Turn, Effect Effect)> _told = [];
    private int _turn;

    /// <summary>The effect has left the daemon: from now on it must be true for ever.</summary>
    public void Told(Effect effect)
    {
        if (_promises.Remove(effect, out var turn)) _told.Add((turn, effect));
    }

    /// <summary>The daemon died, what it wrote after the turn is lost, and another one takes up the rest.</summary>
    public void Restore(int turn, int survived, Now now, List<Effect> effects)
    {
        foreach (var (told, effect) in _told)
            Require(told <= survived, $"It was told and is lost: {Simulation.EventText.Show(effect)}");
        _promises.Clear();
        _told.Clear();
        _disk.Land(survived);
        (_turn, _now, _effects, _reply) = (turn, now, effects, null);
        IsShuttingDown = _isShutDownNow = false;
        _drainBy = Instant.Never;
        _lastId = _disk.LastTask;
        _touched.Clear();
        _finished.Clear();
        _workers.Clear();
        RestoreQueues();
        RestoreKeys();
        RestoreTasks();
        _pools.Clear();
        foreach (var settings in _disk.Pools.Values)
        {
            _pools.Add(new ModelPool(settings) { IsStored = true });
            foreach (var queue in settings.Queues)
            {
                if (FindQueue(queue) is null) AddQueue(queue);
            }
        }

        (_isStoreAwaited, _isResuming, _pushedOut) = (false, true, 0);
        Judge();
        CheckDead(mustRetain: true);
        Recount();
    }

    private void RestoreQueues()
    {
        _queues.Clear();
        foreach (var (name, (settings, state)) in _disk.Queues)
        {
            var queue = AddQueue(name);
            (queue.Settings, queue.State, queue.IsStored) = (settings, state, true);
        }
    }

    private void RestoreKeys()
    {
        _keys.Clear();
        foreach (var key in _disk.Keys.Values.ToArray())
            _keys.Add(key with { Until = _now.Monotonic + (key.UntilWall - _now.Wall) });
        ForgetKeys(key => key.Until <= _now.Monotonic);
    }

    private void RestoreTasks()
    {
        _tasks.Clear();
        foreach (var image in _disk.Tasks.Values)
        {
            var queue = FindQueue(image.Queue.Name);
            Require(queue is not null || image.State.IsFinal(), $"{image.Id} has lost its queue.");
            _tasks.Add(image.Restored(queue ?? new ModelQueue(image.Queue.Name)));
        }

        var ended = _tasks.FindAll(task => task.State.IsFinal());
        foreach (var task in ended.OrderBy(task => task.EndedWall).ThenBy(task => task.Id.Value)) RestoreEnded(task);
        foreach (var task in _tasks)
        {
            if (task is { Key: { } key } && !task.State.IsFinal())
                SetKeyLimit(task, key, Math.Max(1, task.Given.ConcurrencyLimit));
        }

        foreach (var task in _tasks.ToArray())
        {
            Touch(task);
            if (!task.State.IsFinal()) RestoreOpen(task);
        }

        _limited.Clear();
        _limited.UnionWith(_queues);
    }

    private void RestoreEnded(ModelTask task)
    {
        task.EndNumber = ++_ends;
        task.ForgetAt = _now.Monotonic + (task.EndedWall + task.Plan.ResultTtl - _now.Wall);
        task.IsDead &= _queues.Contains(task.Queue);
    }

    private void RestoreOpen(ModelTask task)
    {
        switch (task.State)
        {
            case TaskState.Running when task.CancelRequested:
                End(task, TaskState.Cancelled, FailureKind.Cancelled);
                break;
            case TaskState.Running:
                task.Lost++;
                if (task.Lost >= task.Plan.MaxDeliveries) End(task, TaskState.Failed, FailureKind.Lost);
                else BecomeQueued(task, ++_orders);
                break;
            case TaskState.Scheduled or TaskState.Retrying when task.DueWall > _now.Wall:
                task.Due = IsOnWall(task) ? Instant.Never : _now.Monotonic + (task.DueWall.Value - _now.Wall);
                break;
            default:
                var waited = _now.Wall - (task.DueWall ?? task.SubmittedAt);
                BecomeQueued(task, ++_orders);
                task.IsDueUnwritten = true;
                if (waited > TimeSpan.Zero && task.ExpireAt != Instant.Never) task.ExpireAt += -waited;
                break;
        }
    }

    private void ForgetKeys(Predicate<ModelKey> which)
    {
        foreach (var key in _keys.FindAll(which))
        {
            _keys.Remove(key);
            if (key.IsStored) _disk.Write(_turn, key, isThere: false);
        }
    }

    private void WriteQueue(ModelQueue queue)
    {
        queue.IsStored |= queue.Settings.Durability != Durability.Memory;
        if (queue.IsStored) _disk.Write(_turn, queue, isThere: true);
    }

    private void WritePool(ModelPool pool, bool isThere)
    {
        if (pool.IsStored) _disk.Write(_turn, pool, isThere);
    }

    /// <summary>The end of a turn: what it changed is written, what it says is noted.</summary>
    private void WriteTouched()
    {
        foreach (var task in _touched)
        {
            if (task.IsStored && !task.IsDueUnwritten) _disk.Write(_turn, task, _tasks.Contains(task));
        }
    }

    private void NotePromises(Command? command)
    {
        foreach (var effect in _effects)
        {
            if (IsPromise(effect, command)) _promises.Add(effect, _turn);
        }
    }

    private bool IsPromise(Effect effect, Command? command) => effect switch
    {
        Effect.TaskFinished finished => IsFlushed(finished.Outcome.Id) && _touched.Exists(task =>
            task.Id == finished.Outcome.Id),
        Effect.Reply { Response: Response.Submitted submitted } =>
            submitted.Results.Any(result => result is { Rejection: null, Deduplicated: false } && IsFlushed(result.Id)),
        Effect.Reply { Response: Response.Retried retried } => IsFlushed(retried.Task),
        Effect.Reply { Response: Response.Requeued requeued } => requeued.Tasks.Any(IsFlushed),
        Effect.Reply { Response: Response.OneTask one } => command is Command.CancelTask && IsFlushed(one.Task.Id),
        Effect.Reply { Response: Response.Purged { Count: > 0 } } =>
            FindQueue(((Command.PurgeQueue)command!).Name) is { Settings.Durability: Durability.Fsync },
        Effect.Reply { Response: Response.OneQueue one } => one.Queue.Settings.Durability == Durability.Fsync,
        Effect.Reply { Response: Response.OnePool { Pool.Settings.Name: var pool } } =>
            command is Command.CreatePool or Command.ScalePool && FindPool(pool) is { IsStored: true },
        _ => false,
    };

    private bool IsFlushed(TaskId id) =>
        _touched.Find(task => task.Id == id) is { IsStored: true, Queue.Settings.Durability: Durability.Fsync };
}
