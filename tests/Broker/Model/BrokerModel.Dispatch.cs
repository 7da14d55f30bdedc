namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private readonly List<ModelTask> _rejected = [];

    private void Assigned(WorkerId id, Assignment assignment)
    {
        var (task, attempt) = (Find(assignment.Attempt.Task), assignment.Attempt);
        if (FindWorker(id) is not { } worker || task is null)
        {
            Fail($"{attempt} was given to {id}; one of them is not there.");
            return;
        }

        Require(CanTake(worker), $"{attempt} was given to {id}, which cannot take it.");
        Require(
            worker.Queues.Contains(task.Queue.Name),
            $"{attempt} was given to {id}, which does not serve {task.Queue.Name}.");
        if (!worker.HasFreeSlot)
        {
            var free = _workers.Find(
                other => other.Queues.Contains(task.Queue.Name) && CanTake(other) && other.HasFreeSlot &&
                MayTakeMore(other) && other.Offers(task.Given.Handler));
            if (free is not null) Fail($"{attempt} waits on {id} while {free.Id} has a free slot.");
        }

        Give(task, worker, attempt);
        worker.Credits--;
        BeginNext(worker);
    }

    private void StartedExec(Effect.StartExec start)
    {
        var (task, pool) = (Find(start.Assignment.Attempt.Task), FindPool(start.Pool.Name));
        if (task is null || pool is null)
        {
            Fail($"{start.Assignment.Attempt} was started; its task or its pool is not there.");
            return;
        }

        Require(HasExecRoom(pool), $"{pool.Settings.Name} runs more commands than its size.");
        var worker = new ModelWorker(start.Worker, pool) { StartedAt = _now.Monotonic };
        Require(
            worker.Queues.Contains(task.Queue.Name),
            $"{task.Id} was given to {pool.Settings.Name}, which does not serve it.");
        _workers.Add(worker);
        Give(task, worker, start.Assignment.Attempt);
        Begin(task);
    }

    /// <summary>QUEUED to RUNNING, under every rule that must hold.</summary>
    private void Give(ModelTask task, ModelWorker worker, AttemptId attempt)
    {
        Require(!IsShuttingDown, $"{attempt} was given out after the shutdown began.");
        Require(task.State == TaskState.Queued, $"{attempt} was given to {worker.Id}, but the task is {task.State}.");
        Require(attempt.Attempt == task.Attempt + 1, $"{attempt} was given out after attempt {task.Attempt}.");
        Require(
            worker.Offers(task.Given.Handler),
            $"{attempt} was given to {worker.Id}, which does not offer {task.Given.Handler}.");
        Require(task.Queue.State != QueueState.Paused, $"{attempt} was given out of the paused {task.Queue.Name}.");
        foreach (var other in _tasks.ToArray())
        {
            if (other.State == TaskState.Queued && other.Queue == task.Queue && other.IsAheadOf(task) &&
                worker.Offers(other.Given.Handler) && MustGoBefore(other, task))
            {
                Fail($"{attempt} was given out before {other.Id}, which is ahead of it.");
            }
        }

        Require(HasRunningRoom(task.Queue), $"{attempt} was given out above running_max of {task.Queue.Name}.");
        Require(task.Key is null || RunningUnder(task) < task.Queue.KeyHighs[task.Key],
            $"{attempt} was given out above the limit of the key {task.Key}.");
        task.State = TaskState.Running;
        task.Attempt++;
        task.Worker = worker;
        task.CancelRequested = false;
        task.HardPassed = task.IsStopped = false;
        task.ExpireAt = Instant.Never;
        task.DueWall = null;
        task.IsDueUnwritten = false;
        worker.Held.Add(task);
        worker.HasWorked = true;
        Touch(task);
    }

    /// <summary>
    /// A task without a key stands in the ready order, always. One with a key surely does where the key has room for
    /// all
    /// that are queued; otherwise others of its key may hold the places, or held them when this turn began.
    /// </summary>
    private bool MustGoBefore(ModelTask ahead, ModelTask task)
    {
        if (ahead.Key is null) return true;
        // One that waited for its handler's workers has left its key's places to others meanwhile.
        if (ahead.Queue.HasPickyWorkers || ahead.Given.Handler != task.Given.Handler) return false;
        if (ahead.Key == task.Key) return ahead.Given.Priority == task.Given.Priority && KeyRoom(ahead) > 0;
        if (_rejected.Exists(other => other.Queue == ahead.Queue && other.Key == ahead.Key)) return false;
        var queued = _tasks.Count(
            other => other.State == TaskState.Queued && other.Queue == ahead.Queue && other.Key == ahead.Key);
        return queued <= KeyRoom(ahead);
    }

    private int KeyRoom(ModelTask task) =>
        task.Key is null ? int.MaxValue : task.Queue.KeyLimits[task.Key] - RunningUnder(task);

    private int RunningUnder(ModelTask task)
    {
        var running = 0;
        foreach (var other in _tasks)
        {
            if (other.State == TaskState.Running && other.Queue == task.Queue && other.Key == task.Key) running++;
        }

        return running;
    }

    private bool HasRunningRoom(ModelQueue queue)
    {
        if (queue.Settings.RunningMax == 0) return true;
        var running = 0;
        foreach (var other in _tasks)
        {
            if (other.State == TaskState.Running && other.Queue == queue && !other.IsWaiting) running++;
        }

        return running < queue.Settings.RunningMax;
    }

    private bool CanTake(ModelWorker worker) =>
        worker is { IsConnected: true, IsDraining: false, IsStopping: false, Credits: > 0 } && !IsShuttingDown;

    private bool HasExecRoom(ModelPool pool) =>
        pool is { Settings.Exec: true, State: PoolState.Active } && !IsShuttingDown &&
        _workers.Count(worker => worker.Pool == pool) < pool.Size;

    /// <summary>The newest workers that serve its queue; a pool that has none of them may yet offer anything.</summary>
    private bool MayBeOffered(ModelTask task)
    {
        var (queue, handler) = (task.Queue.Name, task.Given.Handler);
        var asked = _workers.FindAll(worker =>
            worker is { IsConnected: true, IsDraining: false, IsStopping: false, IsExec: false } &&
            worker.Generation == (worker.Pool?.Generation ?? worker.Generation) && worker.Queues.Contains(queue));
        var pools = _pools.FindAll(pool =>
            pool.State != PoolState.Stopping && pool.Size > 0 && pool.Settings.Queues.Contains(queue));
        return asked.Exists(worker => worker.Offers(handler)) ||
            pools.Exists(pool => pool.Settings.Exec ? handler == "exec" : !asked.Exists(worker => worker.Pool == pool));
    }

    /// <summary>Nobody idles while there is work for him, and nobody is sent away whom somebody waits for.</summary>
    private void CheckDispatch()
    {
        foreach (var task in _rejected)
            Require(!MayBeOffered(task), $"{task.Id} was rejected, though {task.Given.Handler} may be offered.");
        foreach (var task in _tasks.ToArray())
        {
            if (task.State != TaskState.Queued || task.Queue.State == QueueState.Paused) continue;
            if (!HasRunningRoom(task.Queue) || KeyRoom(task) <= 0) continue;
            var idlers = _workers.FindAll(
                worker => CanTake(worker) && MayTakeMore(worker) && worker.Queues.Contains(task.Queue.Name));
            var pools = _pools.FindAll(one => HasExecRoom(one) && one.Settings.Queues.Contains(task.Queue.Name));
            if (idlers.Count == 0 && pools.Count == 0) continue;
            Require(MayBeOffered(task), $"{task.Id} stays queued, though nobody offers {task.Given.Handler}.");
            var idler = idlers.Find(worker => worker.Offers(task.Given.Handler));
            var pool = task.Given.Handler == "exec" ? pools.FirstOrDefault() : null;
            if (idler is null && pool is null) continue;
            Fail(
                $"{task.Id} stays queued in {task.Queue.Name} " +
                $"while {idler?.Id.ToString() ?? pool!.Settings.Name} idles.");
        }
    }

    /// <summary>
    /// Near its recycling limit, whose spread only the core knows, a worker may be left alone; not while all that it
    /// ever had waits.
    /// </summary>
    private static bool MayTakeMore(ModelWorker worker)
    {
        if (worker.Pool is not { Settings.TasksMax: > 0 and var most } pool) return true;
        var least = Math.Max(1, Math.Floor(most * (1 - pool.Settings.RecycleJitter!.Value)) - 1);
        return worker.AttemptsEnded + worker.Held.Count(task => !task.IsWaiting) < least;
    }

    /// <summary>
    /// Tasks whose handler their worker did not offer failed at the moment of dispatch. Which worker came by is the
    /// core's choice; that there was one is checked.
    /// </summary>
    private void FindRejected()
    {
        var rejected = _tasks.FindAll(task => task.State == TaskState.Queued && WasRejected(task));
        foreach (var queue in rejected.Select(task => task.Queue).Distinct().ToArray())
        {
            if (rejected.Count(task => task.Queue == queue) < 2) continue;
            // Several in one turn: the order of the dead letters is the order in which the core came by.
            var letters = (ask(request => new Command.ListDead(request, queue.Name, 1000, null)) as Response.DeadPage)!
                .Tasks.Select(task => task.Id).ToList();
            rejected = [.. rejected.OrderBy(task => letters.IndexOf(task.Id))];
        }

        foreach (var task in rejected) End(task, TaskState.Failed, FailureKind.Rejected);
        _rejected.AddRange(rejected);
    }

    /// <summary>
    /// A worker that is cut off may end a task, and let the next worker reject another, in one turn: which of them is
    /// the older letter is the core's choice, too.
    /// </summary>
    private void OrderLetters()
    {
        foreach (var queue in _rejected.Where(task => task.IsDead).Select(task => task.Queue).Distinct())
        {
            var fresh = DeadOf(queue).FindAll(_touched.Contains);
            var numbers = fresh.ConvertAll(task => task.EndNumber);
            var letters = (ask(request => new Command.ListDead(request, queue.Name, 1000, null)) as Response.DeadPage)!
                .Tasks.Select(task => task.Id).ToList();
            fresh.Sort((left, right) => letters.IndexOf(left.Id).CompareTo(letters.IndexOf(right.Id)));
            for (var index = 0; index < fresh.Count; index++) fresh[index].EndNumber = numbers[index];
        }
    }

    private bool WasRejected(ModelTask task)
    {
        var (queue, handler) = (task.Queue.Name, task.Given.Handler);
        var isOffered = !_workers.Exists(worker => worker.Queues.Contains(queue) && !worker.Offers(handler)) &&
            !_pools.Exists(pool => pool.Settings.Exec && pool.Settings.Queues.Contains(queue) && handler != "exec");
        if (isOffered) return false;
        return _effects.Exists(effect => effect is Effect.TaskForgotten forgotten && forgotten.Task == task.Id) ||
            ask(request => new Command.GetTask(request, task.Id, false)) is
                Response.OneTask { Task: { State: TaskState.Failed, Failure.Kind: FailureKind.Rejected } };
    }
}
