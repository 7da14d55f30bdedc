using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void CreatePool(Command.CreatePool create)
    {
        var settings = create.Settings;
        var refusal = PoolRules.Check(settings, _limits)
            ?? (_isShuttingDown ? Rejections.DaemonDraining() : null)
            ?? RefuseTaken(settings.Name)
            ?? (_pools.Count >= _limits.PoolsMax
                ? Rejections.Limit(nameof(BrokerLimits.PoolsMax), _limits.PoolsMax, "pools")
                : null)
            ?? RefuseWorkers(settings.Size)
            ?? CheckQueues(settings.Queues);
        if (refusal is not null)
        {
            Refuse(create.Request, refusal);
            return;
        }

        var isStored = !create.IsConfigured && Mutant != Mutant.ForgetPoolAtRestart;
        var pool = AddPool(PoolRules.WithDefaults(settings), isStored);
        PersistPool(pool);
        Reply(create.Request, new Response.OnePool(ViewOf(pool)));
        Fill(pool);
    }

    private PoolEntry AddPool(PoolSettings settings, bool isStored)
    {
        var pool = new PoolEntry(settings) { IsStored = isStored };
        _pools.Add(pool.Name, pool);
        Bind(pool.Group, MakeQueues(pool.Settings.Queues));
        MarkDirty(pool.Group);
        return pool;
    }

    private Rejection? RefuseTaken(string name)
    {
        if (!_pools.TryGetValue(name, out var pool)) return null;
        var text = pool.State == PoolState.Stopping
            ? $"The pool '{name}' is being deleted. Try again when its workers have left."
            : $"There is a pool '{name}' already. Scale or delete it.";
        return new Rejection(RejectionReason.PoolExists, text, "name", name);
    }

    /// <summary>A pool that is being deleted only waits for its workers: there is nothing left to steer.</summary>
    private bool TryFindLasting(
        string name, [NotNullWhen(true)] out PoolEntry? pool, [NotNullWhen(false)] out Rejection? missing)
    {
        if (!TryFindPool(name, out pool, out missing)) return false;
        if (pool.State != PoolState.Stopping) return true;
        missing = new Rejection(RejectionReason.PoolNotFound, $"The pool '{name}' is being deleted.", "name", name);
        return false;
    }

    private Rejection? RefuseWorkers(int more) =>
        ReservedWorkers() + more > _limits.WorkersMax
            ? Rejections.Limit(nameof(BrokerLimits.WorkersMax), _limits.WorkersMax, "workers")
            : null;

    private void ScalePool(Command.ScalePool scale)
    {
        Rejection? refusal = null;
        if (!TryFindLasting(scale.Name, out var pool, out var missing)) refusal = missing;
        else if (scale.Size < 0 || scale.Size > _limits.PoolSizeMax)
            refusal = Rejections.Invalid("size", $"The size must be between 0 and {_limits.PoolSizeMax}.");
        else refusal = scale.Size > pool.Size ? RefuseWorkers(scale.Size - pool.Size) : null;
        if (refusal is not null)
        {
            Refuse(scale.Request, refusal);
            return;
        }

        pool!.Size = scale.Size;
        MarkDoubted(pool.Group);
        PersistPool(pool);
        MarkDirty(pool.Group);
        Shrink(pool);
        Fill(pool);
        DrainOld(pool);
        Reply(scale.Request, new Response.OnePool(ViewOf(pool)));
    }

    private void ReloadPool(Command.ReloadPool reload)
    {
        if (!TryFindLasting(reload.Name, out var pool, out var missing))
        {
            Refuse(reload.Request, missing);
            return;
        }

        pool.Generation++;
        MarkDoubted(pool.Group);
        pool.BootErrors = 0;
        foreach (var worker in pool.Workers.Values.ToArray())
        {
            if (IsPlace(worker)) RemovePlace(pool, worker);
        }

        CloseBreaker(pool, "reloaded");
        Fill(pool);
        DrainOld(pool);
        Reply(reload.Request, new Response.OnePool(ViewOf(pool)));
    }

    private void DeletePool(Command.DeletePool delete)
    {
        if (!TryFindPool(delete.Name, out var pool, out var missing))
        {
            Refuse(delete.Request, missing);
            return;
        }

        if (pool is { IsStored: true, State: not PoolState.Stopping })
            Persist(new Change.PoolDeleted(pool.Name), mustFlush: true);
        pool.State = PoolState.Stopping;
        pool.Size = 0;
        Unbind(pool.Group);
        EmptyPool(pool, "its pool is deleted");
        DropIfEmpty(pool);
        Reply(delete.Request, new Response.Done());
    }

    private void EmptyPool(PoolEntry pool, string reason)
    {
        foreach (var worker in pool.Workers.Values.ToArray())
        {
            if (IsPlace(worker)) RemovePlace(pool, worker);
            else Drain(worker, reason);
        }
    }

    private void DropIfEmpty(PoolEntry pool)
    {
        if (pool.State == PoolState.Stopping && pool.Workers.Count == 0) _pools.Remove(pool.Name);
    }

    private void StopWorker(Command.StopWorker stop)
    {
        if (!_workers.TryGetValue(stop.Worker.Value, out var worker) || IsPlace(worker))
        {
            Refuse(stop.Request, Rejections.WorkerNotFound(stop.Worker));
            return;
        }

        const string reason = "stopped by hand";
        if (!stop.Kill)
        {
            Drain(worker, reason);
            if (worker.Pool is { } own) Fill(own);
        }
        else if (worker.Kind == WorkerKind.External)
        {
            Disconnect(worker, StopCause.Order, reason);
        }
        else
        {
            worker.State = worker.Kind == WorkerKind.Exec ? worker.State : WorkerState.Draining;
            Terminate(worker, StopCause.Order, reason);
            UpdateState(worker);
            if (worker.Pool is { } pool) Fill(pool);
        }

        Reply(stop.Request, new Response.OneWorker(ViewOf(worker)));
    }

    /// <summary>It leaves, and another takes its place at once.</summary>
    private void Leave(WorkerEntry worker, string reason)
    {
        // Without its stream it is on its way out already; its place is filled when it is gone.
        if (!worker.IsConnected) return;
        Drain(worker, reason);
        if (worker.Pool is { } pool) Fill(pool);
    }

    /// <summary>Too many: places that wait go first, then those that boot, then the newest.</summary>
    private void Shrink(PoolEntry pool)
    {
        if (pool.Settings.Exec) return;
        var standing = Standing(pool)
            .OrderBy(worker => IsPlace(worker) ? 0 : worker.State == WorkerState.Starting ? 1 : 2)
            .ThenBy(worker => worker.Held.Count > 0).ThenByDescending(worker => worker.Id.Value).ToList();
        foreach (var worker in standing.Take(standing.Count - pool.Size))
        {
            if (IsPlace(worker)) RemovePlace(pool, worker);
            else Drain(worker, "its pool got smaller");
        }
    }

    /// <summary>Each new worker that is ready lets one of an older generation leave.</summary>
    private void DrainOld(PoolEntry pool)
    {
        var ready = Standing(pool).Count(worker => worker.IsConnected);
        var old = pool.Workers.Values
            .Where(worker => worker.Generation < pool.Generation &&
                worker.State != WorkerState.Draining && worker.Kind == WorkerKind.Pooled)
            .ToList();
        foreach (var worker in old.Take(old.Count - Math.Max(0, pool.Size - ready)))
            Drain(worker, "its pool was reloaded");
    }

    /// <summary>Workers and waiting places of the newest generation that stay.</summary>
    private static IEnumerable<WorkerEntry> Standing(PoolEntry pool) => pool.Workers.Values.Where(worker =>
        worker.Generation == pool.Generation && worker.State != WorkerState.Draining);

    private static bool IsPlace(WorkerEntry worker) => worker.State is WorkerState.Backoff or WorkerState.Fatal;
}
