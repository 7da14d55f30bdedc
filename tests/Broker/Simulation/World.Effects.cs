namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private readonly List<SimWorker> _workers = [];

    /// <summary>Does what the daemon would: starts processes, sends signals, writes to streams.</summary>
    private void CarryOut(Effect effect)
    {
        switch (effect)
        {
            case Effect.StartWorker start:
                StartProcess(new SimWorker(start.Worker, start.Pool));
                break;
            case Effect.StartExec start:
                StartProcess(new SimWorker(start.Worker, start.Pool)
                {
                    Exec = start.Assignment.Attempt,
                    HasTimeout = start.Assignment.Timeout is not null,
                });
                break;
            case Effect.TerminateWorker terminate:
                Signal(Known(terminate.Worker), 15);
                break;
            case Effect.KillWorker kill:
                Signal(Known(kill.Worker), 9);
                break;
            case Effect.Assign assign:
                Deliver(assign.Worker, worker => Take(worker, assign.Assignment));
                break;
            case Effect.CancelAttempt cancel:
                Deliver(cancel.Worker, worker => HearCancel(worker, cancel.Attempt));
                break;
            case Effect.DrainWorker drain:
                Deliver(drain.Worker, HearDrain);
                break;
            case Effect.DisconnectWorker disconnect:
                LoseStream(Known(disconnect.Worker));
                break;
            case Effect.ShutdownComplete:
                if (_swarm.Has(Trait.DaemonDeaths)) After(_random.Milliseconds(1, 100), () => Restart(isClean: true));
                else _isShutDown = true;
                break;
        }
    }

    private SimWorker Known(WorkerId id)
    {
        foreach (var worker in _workers)
        {
            if (worker.Id == id) return worker;
        }

        throw new SimulationFailedException($"{id} was never started.");
    }

    /// <summary>A message on the worker's stream: late, but in order.</summary>
    private void Deliver(WorkerId id, Action<SimWorker> hear)
    {
        var worker = Known(id);
        var latency = _swarm.Strikes(Trait.LateWords) ? _random.Milliseconds(1, 200).Ticks : _random.Below(20_000);
        worker.LastArrival = Math.Max(worker.LastArrival, _ticks + latency);
        After(TimeSpan.FromTicks(worker.LastArrival - _ticks), () =>
        {
            if (worker is { IsConnected: true, IsHung: false, IsGone: false }) hear(worker);
        });
    }

    /// <summary>The daemon closed the stream of an external worker: it is on its own, and hears nothing more.</summary>
    private void LoseStream(SimWorker worker)
    {
        if (!worker.IsConnected) return;
        worker.IsConnected = false;
        if (worker.IsExternal) worker.IsGone = true;
        if (_random.Chance(0.5))
            After(_random.Milliseconds(1, 10), () => Turn(new Command.WorkerDisconnected(worker.Id)));
    }
}
