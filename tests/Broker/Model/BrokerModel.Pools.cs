namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private bool _isShutDownNow;
    private Instant _drainBy = Instant.Never;

    private void CreatePool(Command.CreatePool create)
    {
        var name = create.Settings.Name;
        if (IsShuttingDown) { RequireReply(RejectionReason.DaemonDraining, create); return; }
        if (FindPool(name) is not null) { RequireReply(RejectionReason.PoolExists, create); return; }
        if (_reply is not Response.OnePool { Pool.Settings: var settings })
        {
            Require(Refusal() == RejectionReason.LimitReached, $"{name} was not made: {_reply}");
            return;
        }

        var pool = new ModelPool(settings) { IsStored = !create.IsConfigured };
        _pools.Add(pool);
        WritePool(pool, isThere: true);
        foreach (var queue in settings.Queues)
        {
            if (FindQueue(queue) is null) AddQueue(queue);
        }
    }

    private void Scale(Command.ScalePool scale)
    {
        var pool = FindPool(scale.Name);
        if (pool is null or { State: PoolState.Stopping })
        {
            RequireReply(RejectionReason.PoolNotFound, scale);
            return;
        }

        if (Refusal() is RejectionReason.LimitReached or RejectionReason.DaemonDraining or RejectionReason.PoolNotFound)
            return;
        RequireReply(null, scale);
        pool.Size = scale.Size;
        WritePool(pool, isThere: true);
        pool.Waits.Clear();
    }

    private void Reload(Command.ReloadPool reload)
    {
        var pool = FindPool(reload.Name);
        if (pool is null or { State: PoolState.Stopping })
        {
            RequireReply(RejectionReason.PoolNotFound, reload);
            return;
        }

        if (Refusal() is RejectionReason.DaemonDraining or RejectionReason.PoolNotFound) return;
        RequireReply(null, reload);
        pool.Generation++;
        pool.BootErrors = 0;
        pool.Waits.Clear();
    }

    private void DeletePool(Command.DeletePool delete)
    {
        var pool = FindPool(delete.Name);
        if (pool is null) { RequireReply(RejectionReason.PoolNotFound, delete); return; }
        if (Refusal() is RejectionReason.DaemonDraining or RejectionReason.PoolNotFound) return;
        RequireReply(null, delete);
        if (pool.State != PoolState.Stopping) WritePool(pool, isThere: false);
        pool.State = PoolState.Stopping;
        pool.Size = 0;
        foreach (var worker in _workers)
        {
            if (worker.Pool == pool) worker.IsDraining = true;
        }

        DropEmpty(pool);
    }

    private void DropEmpty(ModelPool pool)
    {
        if (pool.State == PoolState.Stopping && !_workers.Exists(worker => worker.Pool == pool)) _pools.Remove(pool);
    }

    private void StopByHand(Command.StopWorker stop)
    {
        if (FindWorker(stop.Worker) is not { } worker) return;
        if (_reply is not Response.OneWorker) return;
        worker.StoppedByHand |= stop.Kill;
        worker.IsDraining = true;
    }

    private void Connect(Command.ConnectWorker connect)
    {
        if (_reply is not Response.Welcomed welcomed)
        {
            Require(
                Refusal() is RejectionReason.WorkerNotFound or RejectionReason.WorkerConnected
                    or RejectionReason.DaemonDraining
                    or RejectionReason.LimitReached or RejectionReason.QueueNotFound,
                $"A worker was refused: {_reply}");
            return;
        }

        var worker = FindWorker(welcomed.Worker);
        if (worker is null)
        {
            Require(connect.Worker is null, $"{welcomed.Worker} was welcomed and never started.");
            worker = new ModelWorker(welcomed.Worker, null) { Queues = connect.Hello.Queues };
            _workers.Add(worker);
            foreach (var queue in worker.Queues)
            {
                if (FindQueue(queue) is null) AddQueue(queue);
            }
        }

        Require(!worker.IsConnected, $"{worker.Id} was welcomed twice.");
        worker.IsConnected = worker.SaidHello = true;
        worker.LastHeard = _now.Monotonic;
        worker.Slots = welcomed.Slots;
        worker.Handlers = connect.Hello.Handlers;
        foreach (var queue in _queues.FindAll(one => worker.Queues.Contains(one.Name)))
            queue.HasPickyWorkers |= worker.Handlers.Count > 0;
        if (worker.Pool is { } pool)
        {
            Require(welcomed.Slots <= Math.Max(1, pool.Settings.Slots), $"{worker.Id} has more slots than its pool.");
            worker.BootErrorsBefore = pool.BootErrors;
            pool.BootErrors = 0;
            pool.Waits.Clear();
        }
    }

    private void Started(Effect.StartWorker start)
    {
        if (FindPool(start.Pool.Name) is not { } pool) { Fail($"{start.Worker} was started for no pool."); return; }
        Require(
            !IsShuttingDown && pool.State != PoolState.Stopping,
            $"{start.Worker} was started for a pool that stops.");
        Require(!pool.Settings.Exec, $"{start.Worker} stands in an exec pool.");
        pool.Waits.RemoveAll(until => until <= _now.Monotonic);
        _workers.Add(new ModelWorker(start.Worker, pool) { StartedAt = _now.Monotonic });
        LeaveSilently(pool);
        var places = LiveOf(pool);
        Require(
            places <= pool.Size,
            $"{pool.Settings.Name} has {places} workers of its newest generation, its size is {pool.Size}.");
        Require(
            places + pool.Waits.Count <= pool.Size,
            $"{start.Worker} was started before the back-off of {pool.Settings.Name} was over.");
        if (pool.State == PoolState.Broken)
        {
            var booting = _workers.Count(worker => worker.Pool == pool && !worker.SaidHello && !worker.IsStopping);
            Require(booting <= 1, $"{pool.Settings.Name} is broken and boots {booting} workers at once.");
        }
    }

    private int LiveOf(ModelPool pool) => _workers.Count(worker =>
        worker.Pool == pool && worker.Generation == pool.Generation && !worker.IsDraining);

    /// <summary>A boot error: gone before hello, or after it without any work.</summary>
    private void LosePlace(ModelPool pool, ModelWorker worker)
    {
        DropEmpty(pool);
        var isOrdered = worker.IsDraining || worker.StoppedByHand || IsShuttingDown || worker.Stop is ModelStop.ByOrder;
        if (pool.Settings.Exec || isOrdered || worker.Generation != pool.Generation || worker.HasWorked) return;
        pool.BootErrors = Math.Max(pool.BootErrors, worker.BootErrorsBefore) + 1;
        pool.FillBy = Instant.Never;
        var settings = pool.Settings;
        var delay = settings.RestartBackoff!.Value.Ticks * Math.Pow(2, Math.Min(30, pool.BootErrors - 1)) * 0.8;
        pool.Waits.Add(
            _now.Monotonic + TimeSpan.FromTicks((long)Math.Min(delay, settings.RestartBackoffMax!.Value.Ticks * 0.8)));
    }

    private void PoolChanged(Effect.PoolChanged changed)
    {
        if (FindPool(changed.Pool) is not { } pool) return;
        if (changed.State == PoolState.Broken)
        {
            Require(
                pool.BootErrors >= pool.Settings.BreakerFailures,
                $"{changed.Pool} broke after {pool.BootErrors} boot errors, not {pool.Settings.BreakerFailures}.");
        }

        pool.State = changed.State;
    }

    private void CheckPools()
    {
        foreach (var pool in _pools)
        {
            if (pool.State == PoolState.Stopping || pool.Settings.Exec || IsShuttingDown) continue;
            LeaveSilently(pool);
            Require(
                pool.State == PoolState.Broken || pool.BootErrors < pool.Settings.BreakerFailures,
                $"{pool.Settings.Name} had {pool.BootErrors} boot errors in a row and is not broken.");
            if (LiveOf(pool) >= pool.Size || pool.State == PoolState.Broken)
            {
                pool.FillBy = Instant.Never;
                continue;
            }

            var latest = pool.BootErrors == 0 ? TimeSpan.Zero : pool.Settings.RestartBackoffMax!.Value * 1.21;
            if (pool.FillBy == Instant.Never) pool.FillBy = _now.Monotonic + latest + lateness + lateness;
            if (pool.FillBy < _now.Monotonic)
                Fail($"{pool.Settings.Name} has {LiveOf(pool)} of {pool.Size} workers and starts none.");
        }
    }

    /// <summary>Of a pool that got smaller, workers that are on their way out anyway leave without a word.</summary>
    private void LeaveSilently(ModelPool pool)
    {
        if (LiveOf(pool) <= pool.Size) return;
        var page = ask(request =>
            new Command.ListWorkers(request, pool.Settings.Name, 1000, null)) as Response.WorkerPage;
        foreach (var view in page!.Workers)
        {
            if (view.State == WorkerState.Draining && FindWorker(view.Id) is { IsDraining: false } worker &&
                (worker.IsStopping || worker.StreamLostAt != Instant.Never))
            {
                worker.IsDraining = true;
            }
        }

        Require(
            LiveOf(pool) <= pool.Size,
            $"{pool.Settings.Name} has {LiveOf(pool)} workers, its size is {pool.Size}.");
    }

    private void ShutDown(TimeSpan drainTime, bool now)
    {
        if (!IsShuttingDown) _drainBy = _now.Monotonic + drainTime;
        IsShuttingDown = true;
        _isShutDownNow |= now;
        foreach (var worker in _workers) worker.IsDraining = true;
    }
}
