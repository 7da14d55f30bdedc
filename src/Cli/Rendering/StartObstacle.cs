using Queued.Client;

namespace Queued.Cli.Rendering;

/// <summary>What keeps the tasks of a queue from being started, as far as the daemon's snapshots tell.</summary>
internal static class StartObstacle
{
    private const int ReasonLengthMax = 300;

    /// <param name="queue">The queue.</param>
    /// <param name="pools">The pools that serve it.</param>
    /// <param name="workers">All workers, of pools and others.</param>
    /// <returns>A sentence without its beginning. Null: nothing is seen.</returns>
    public static string? Of(QueueInfo queue, IReadOnlyList<PoolInfo> pools, IReadOnlyList<WorkerInfo> workers)
    {
        if (queue.State == QueueState.Paused)
            return $"queue {queue.Name} is paused. `queuectl queue resume {queue.Name}` ends that.";
        if (queue.Policy.RunningMax is > 0 and { } most && queue.RunningCount >= most)
        {
            string number = Words.Number((long)most);
            return $"queue {queue.Name} runs as many tasks at once as it may (running_max: {number}).";
        }

        WorkerInfo[] serving = [.. workers.Where(worker =>
            worker.State is WorkerState.Ready or WorkerState.Busy && worker.Queues.Contains(queue.Name))];
        bool hasExternal = serving.Any(worker => worker.Pool.Length == 0);
        if (pools.Count == 0 && !hasExternal)
        {
            return $"no pool serves queue {queue.Name}, and no other worker does. "
                + "`queuectl pool list` has the pools and their queues.";
        }

        string?[] obstacles = [.. pools.Select(Of)];
        if (!hasExternal && obstacles.All(obstacle => obstacle is not null))
            return string.Join("; ", obstacles) + ".";
        bool full = serving.Length > 0
            && serving.All(worker => worker.State == WorkerState.Busy)
            && pools.All(pool => !pool.Spec.Exec || pool.BusyCount >= pool.Spec.Size);
        return full ? $"all workers of queue {queue.Name} are busy." : null;
    }

    private static string? Of(PoolInfo pool)
    {
        string name = pool.Spec.Name;
        string why = SafeText.Line(pool.LastBootError, ReasonLengthMax).TrimEnd('.');
        return pool switch
        {
            { State: PoolState.Stopping } => $"pool {name} is being deleted",
            { Spec.Size: 0 } => $"pool {name} has size 0 (`queuectl pool scale {name} N` gives it workers)",
            { State: PoolState.Broken } => $"the workers of pool {name} do not start: {why}",
            { ReadyCount: > 0 } or { Spec.Exec: true } => null,
            _ when why.Length > 0 => $"the workers of pool {name} do not start: {why}",
            _ => $"the workers of pool {name} are not ready yet",
        };
    }
}
