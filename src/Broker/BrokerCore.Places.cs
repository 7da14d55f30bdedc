namespace Queued.Broker;

public sealed partial class BrokerCore
{
    /// <summary>Every place of the newest generation has a worker, or waits for one.</summary>
    private void Fill(PoolEntry pool)
    {
        if (pool.Settings.Exec || pool.State == PoolState.Stopping || _isShuttingDown) return;
        for (var missing = pool.Size - Standing(pool).Count(); missing > 0; missing--)
        {
            var place = AddPlace(pool);
            if (pool.State == PoolState.Broken) place.State = WorkerState.Fatal;
            else StartPlace(place);
        }
    }

    private WorkerEntry AddPlace(PoolEntry pool)
    {
        var id = new WorkerId(_nextWorker++);
        var place = new WorkerEntry(id, WorkerKind.Pooled, pool.Group, pool.Generation, Now.Wall);
        _workers.Add(id.Value, place);
        pool.Workers.Add(id.Value, place);
        return place;
    }

    private void RemovePlace(PoolEntry pool, WorkerEntry place)
    {
        SetTimer(place, Instant.Never);
        _workers.Remove(place.Id.Value);
        pool.Workers.Remove(place.Id.Value);
    }

    private void StartPlace(WorkerEntry place)
    {
        var pool = place.Pool!;
        if (pool.State == PoolState.Broken && pool.Workers.Values.Any(worker => worker.State == WorkerState.Starting))
        {
            // One probe at a time: what still boots from before the breaker opened is one.
            WaitBeforeStart(place, pool.Settings.RestartBackoffMax!.Value);
            return;
        }

        place.State = WorkerState.Starting;
        place.StartedAt = Now.Wall;
        place.BootDue = Now.Monotonic + pool.Settings.BootTimeout!.Value;
        if (pool.HasStarted >= pool.Size) pool.RestartsTotal++;
        else pool.HasStarted++;
        Emit(new Effect.StartWorker(place.Id, pool.Settings));
        SetWorkerTimer(place);
    }

    private void WaitBeforeStart(WorkerEntry place, TimeSpan delay)
    {
        place.State = WorkerState.Backoff;
        place.StepDue = Now.Monotonic + _prng.Spread(delay, 0.2);
        SetWorkerTimer(place);
    }

    /// <summary>A worker of the pool has ended.</summary>
    private void PlaceIsFree(PoolEntry pool, WorkerEntry worker, bool isBootError, string reason)
    {
        pool.Workers.Remove(worker.Id.Value);
        MarkDirty(pool.Group);
        DropIfEmpty(pool);
        if (pool.Settings.Exec || pool.State == PoolState.Stopping || _isShuttingDown) return;
        if (isBootError && worker.Generation == pool.Generation) BootFailed(pool, worker, reason);
        Fill(pool);
        DrainOld(pool);
    }

    private void BootFailed(PoolEntry pool, WorkerEntry worker, string reason)
    {
        pool.BootErrors = Math.Max(pool.BootErrors, worker.BootErrorsBefore) + 1;
        pool.LastBootError = reason;
        var (settings, isOpen) = (pool.Settings, pool.State == PoolState.Broken);
        if (!isOpen && pool.BootErrors >= settings.BreakerFailures && Mutant != Mutant.NeverOpenBreaker)
        {
            pool.State = PoolState.Broken;
            Emit(new Effect.PoolChanged(pool.Name, PoolState.Broken, reason));
            isOpen = true;
            foreach (var place in pool.Workers.Values.Where(place => place.State == WorkerState.Backoff))
            {
                place.State = WorkerState.Fatal;
                SetStep(place, Instant.Never);
            }
        }

        if (Standing(pool).Count() >= pool.Size) return;
        var failed = AddPlace(pool);
        if (!isOpen)
        {
            var doubled = settings.RestartBackoff!.Value.Ticks * Math.Pow(2, pool.BootErrors - 1);
            WaitBeforeStart(failed,
                TimeSpan.FromTicks((long)Math.Min(doubled, settings.RestartBackoffMax!.Value.Ticks)));
        }
        else if (pool.Workers.Values.Any(place => place.State == WorkerState.Backoff))
        {
            failed.State = WorkerState.Fatal;
        }
        else
        {
            WaitBeforeStart(failed, settings.RestartBackoffMax!.Value);
        }
    }

    /// <summary>A hello: the count starts again, the breaker closes, and every place that waits starts.</summary>
    private void BootSucceeded(PoolEntry pool)
    {
        pool.BootErrors = 0;
        pool.LastBootError = "";
        CloseBreaker(pool, "a worker got ready");
        foreach (var place in pool.Workers.Values.Where(IsPlace).ToArray())
        {
            place.StepDue = Instant.Never;
            StartPlace(place);
        }

        DrainOld(pool);
    }

    private void CloseBreaker(PoolEntry pool, string reason)
    {
        if (pool.State != PoolState.Broken) return;
        pool.State = PoolState.Active;
        Emit(new Effect.PoolChanged(pool.Name, PoolState.Active, reason));
    }

    /// <summary>
    /// Idle workers leave at once. What runs has the drain time; then it is asked to stop, and stopped if it does not.
    /// </summary>
    private void BeginShutdown(TimeSpan drainTime)
    {
        if (_isShuttingDown) return;
        _isShuttingDown = true;
        RefuseMessageWaits();
        _drainBy = Now.Monotonic + drainTime;
        foreach (var pool in _pools.Values.ToArray()) EmptyPool(pool, "the daemon stops");
        foreach (var worker in _workers.Values.ToArray())
        {
            if (worker.Kind == WorkerKind.External) Drain(worker, "the daemon stops");
            // Whoever was told to leave before, and had all the time that its attempts have, has it no more.
            if (worker is { Step: StopStep.Asked, Held.Count: > 0 } or { Kind: WorkerKind.Exec, Step: StopStep.None })
                SetStep(worker, _drainBy);
        }

        CompleteShutdown();
    }

    private void ShutdownNow()
    {
        BeginShutdown(TimeSpan.Zero);
        foreach (var worker in _workers.Values.ToArray())
        {
            if (worker.Kind == WorkerKind.External) Disconnect(worker, StopCause.Order, "the daemon stops");
            else Kill(worker, StopCause.Order, "the daemon stops");
        }
    }

    private void CompleteShutdown()
    {
        if (!_isShuttingDown || _isShutDown || _workers.Count > 0) return;
        _isShutDown = true;
        Emit(new Effect.ShutdownComplete());
    }
}
