namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private void StartProcess(SimWorker worker)
    {
        worker.IgnoresTerm = _swarm.Strikes(Trait.IgnoredTerm);
        _workers.Add(worker);
        After(_random.Milliseconds(1, 20), () => Spawn(worker));
    }

    private void Spawn(SimWorker worker)
    {
        if (_swarm.Strikes(Trait.SpawnFailures))
        {
            worker.IsGone = true;
            Turn(new Command.WorkerSpawnFailed(worker.Id, "no such file"));
            return;
        }

        worker.IsAlive = true;
        Turn(new Command.WorkerSpawned(worker.Id, (int)worker.Id.Value + 1000));
        if (worker.PendingSignal != 0)
        {
            Exit(worker, null, worker.PendingSignal);
        }
        else if (worker.Exec is not null)
        {
            RunExec(worker);
        }
        else if (_swarm.Strikes(Trait.BootExits))
        {
            After(_random.Milliseconds(1, 300), () => Exit(worker, _random.Below(2), null));
        }
        else if (!_swarm.Strikes(Trait.BootSilence))
        {
            After(_random.Milliseconds(2, 300), () => Connect(worker));
        }
    }

    private void RunExec(SimWorker worker)
    {
        if (worker.HasTimeout && _swarm.Strikes(Trait.Hangs)) return;
        After(_random.Milliseconds(1, 8000), () =>
        {
            if (_swarm.Strikes(Trait.OutOfMemory)) Exit(worker, null, 9, outOfMemory: true);
            else if (_swarm.Strikes(Trait.Signals)) Exit(worker, null, 11);
            else Exit(worker, _swarm.Strikes(Trait.ExecErrors) ? _random.Between(1, 3) : 0, null);
        });
    }

    private void Signal(SimWorker worker, int signal)
    {
        if (worker.IsGone) return;
        if (!worker.IsAlive)
        {
            worker.PendingSignal = signal;
            return;
        }

        if (signal == 15 && worker.IgnoresTerm) return;
        var delay = _swarm.Strikes(Trait.SlowReaping) ? _random.Milliseconds(20, 3000) : _random.Milliseconds(1, 10);
        After(delay, () => Exit(worker, signal == 15 && _random.Chance(0.3) ? 143 : null, signal));
    }

    /// <summary>The process ends. Its stream and its exit are two messages that come in either order.</summary>
    private void Exit(SimWorker worker, int? code, int? signal, bool outOfMemory = false)
    {
        if (!worker.IsAlive) return;
        worker.IsAlive = false;
        var exit = new ProcessExit(
            code, code is null ? signal : null, outOfMemory, 5_000_000, TimeSpan.FromMilliseconds(3), "last words");
        var result = worker.Exec is null ? (TaskPayload?)null : PayloadOf(8);
        var reap = _random.Below(20_000);
        if (_swarm.Strikes(Trait.SlowReaping)) reap = (int)_random.Milliseconds(10, 2000).Ticks;
        if (worker.IsConnected)
        {
            worker.IsConnected = false;
            After(TimeSpan.FromTicks(_random.Below(20_000)), () => Turn(new Command.WorkerDisconnected(worker.Id)));
        }

        After(TimeSpan.FromTicks(reap), () =>
        {
            worker.IsGone = true;
            Turn(new Command.WorkerExited(worker.Id, exit, result));
            if (_swarm.Strikes(Trait.StaleWords)) Turn(new Command.WorkerExited(worker.Id, exit, result));
            if (worker.Outbox.Count > 0 && _swarm.Strikes(Trait.LateWords))
                Turn(new Command.WorkerReport(worker.Id) { Settlements = worker.Outbox.ToArray() });
        });
    }

    private void Connect(SimWorker worker)
    {
        if (worker.IsGone || (!worker.IsExternal && !worker.IsAlive)) return;
        var hello = new WorkerHello
        {
            Queues = worker.IsExternal ? PickQueues() : [],
            Handlers = _swarm.Has(Trait.Handlers) && _random.Chance(0.2) ? ["square", "exec"] : [],
            Slots = worker.IsExternal ? _random.Below(4) : _random.Below(3),
            ProcessId = 4000,
        };
        var response = Turn(new Command.ConnectWorker(NextRequest(), worker.IsExternal ? null : worker.Id, hello));
        if (response is not Response.Welcomed welcomed)
        {
            worker.IsGone = worker.IsExternal;
            if (worker.IsAlive) After(_random.Milliseconds(1, 10), () => Exit(worker, 1, null));
            return;
        }

        worker.Id = welcomed.Worker;
        if (worker.IsExternal) _workers.Add(worker);
        worker.IsConnected = true;
        worker.Slots = welcomed.Slots;
        worker.HeartbeatInterval = welcomed.HeartbeatInterval;
        var prefetch = _swarm.Has(Trait.Prefetch) ? _random.Below(3) : 0;
        Turn(new Command.WorkerReport(worker.Id) { Credits = Math.Min(worker.Slots + prefetch, welcomed.CreditsMax) });
        After(worker.HeartbeatInterval, () => Beat(worker));
    }

    private void Beat(SimWorker worker)
    {
        if (!worker.IsConnected || worker.IsHung || worker.IsGone) return;
        if (_swarm.Strikes(Trait.Hangs))
        {
            worker.IsHung = true;
            return;
        }

        Turn(new Command.WorkerReport(worker.Id));
        if (_swarm.Has(Trait.MemoryLimits) && worker.Pool is not null && !_swarm.IsCalm)
        {
            worker.ResidentBytes = (long)(worker.ResidentBytes * (1 + _random.Unit()));
            Turn(new Command.WorkerSampled(worker.Id, worker.ResidentBytes));
        }

        After(worker.HeartbeatInterval, () => Beat(worker));
    }
}
