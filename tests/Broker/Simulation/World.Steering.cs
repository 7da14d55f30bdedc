namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private void DeclareQueue(string name) => Turn(new Command.DeclareQueue(NextRequest(), name, DrawQueue()));

    private void CreatePool(string name, bool exec) =>
        Turn(new Command.CreatePool(
            NextRequest(), DrawPool(name, exec), IsConfigured: _betaIsConfigured && name == PoolNames[1]));

    private void ConnectExternal() => Connect(new SimWorker(default, pool: null));

    private void BeginShutdown()
    {
        Turn(new Command.BeginShutdown(_random.Chance(0.2) ? TimeSpan.Zero : _random.Milliseconds(1, 6000)));
        if (_random.Chance(0.2)) After(_random.Milliseconds(1, 2000), () => Turn(new Command.ShutdownNow()));
    }

    private bool SteerQueues()
    {
        var queue = _random.Pick(QueueNames);
        Command? command =
            _swarm.Strikes(Trait.Pauses) ? new Command.PauseQueue(NextRequest(), queue)
            : _swarm.Strikes(Trait.Pauses) ? new Command.ResumeQueue(NextRequest(), queue)
            : _swarm.Strikes(Trait.Drains) ? new Command.DrainQueue(NextRequest(), queue)
            : _swarm.Strikes(Trait.Drains) ? new Command.ResumeQueue(NextRequest(), queue)
            : _swarm.Strikes(Trait.Purges) ? new Command.PurgeQueue(NextRequest(), queue)
            : _swarm.Strikes(Trait.QueueLimits) ? new Command.DeclareQueue(NextRequest(), queue, DrawQueue())
            : _swarm.Strikes(Trait.QueueDeletes) ? new Command.DeleteQueue(NextRequest(), queue)
            : null;
        if (command is null) return false;
        Turn(command);
        return true;
    }

    private bool SteerPools()
    {
        var pool = _random.Pick(PoolNames);
        if (_swarm.Strikes(Trait.PoolDeletes))
        {
            Turn(new Command.DeletePool(NextRequest(), pool));
            After(_random.Milliseconds(1, 20_000), () => CreatePool(pool, exec: false));
            return true;
        }

        Command? command =
            _swarm.Strikes(Trait.Scales) ? new Command.ScalePool(NextRequest(), pool, _random.Below(5))
            : _swarm.Strikes(Trait.Reloads) ? new Command.ReloadPool(NextRequest(), pool)
            : _swarm.Strikes(Trait.WorkerStops) && _workers.Count > 0
                ? new Command.StopWorker(NextRequest(), _random.Pick(_workers).Id, Kill: _random.Chance(0.4))
            : null;
        if (command is null) return false;
        Turn(command);
        return true;
    }

    /// <summary>Words that were true once, or never.</summary>
    private void SayStaleWords()
    {
        var worker = _workers.Count == 0 || _random.Chance(0.1) ? new WorkerId(7777) : _random.Pick(_workers).Id;
        var attempt = new AttemptId(AnyTask(), (uint)_random.Below(3));
        if (_workers.Count > 0 && _random.Pick(_workers) is { Held: [var held, ..] } other && other.Id != worker)
            attempt = held.Attempt;
        else if (_model.IsRunningOn(attempt, worker)) return;
        var report = new Command.WorkerReport(worker);
        Turn(_random.Below(4) switch
        {
            0 => report with { Extensions = [(attempt, TimeSpan.FromSeconds(1))] },
            1 => report with { Waits = [(attempt, _random.Chance(0.5))] },
            2 => report with { Progress = [(attempt, new TaskProgress(1, 1, ""))] },
            _ => report with { Settlements = [new Settlement.Succeeded(attempt, PayloadOf(3))] },
        });
    }

    private void AskBadly()
    {
        var good = DrawTask();
        var bad = _random.Below(10) switch
        {
            0 => good with { Handler = "" },
            1 => good with { Handler = "no spaces" },
            2 => good with { Queue = "nowhere" },
            3 => good with { Priority = 128 },
            4 => good with { Delay = TimeSpan.FromSeconds(-1), RunAt = null },
            5 => good with { Payload = PayloadOf(1001) },
            6 => good with { Timeout = TimeSpan.Zero },
            7 => good with { Grace = TimeSpan.FromHours(2) },
            8 => good with { Delay = TimeSpan.FromSeconds(1), RunAt = Now.Wall },
            _ => good with { IdempotencyKey = "" },
        };
        Turn(new Command.SubmitTasks(NextRequest(), _random.Pick(_sessions), [good, bad]));
        if (_random.Chance(0.3)) Turn(new Command.GetTask(NextRequest(), new TaskId(123_456), false));
        if (_random.Chance(0.3)) Turn(new Command.PauseQueue(NextRequest(), "nowhere"));
        if (_random.Chance(0.3)) Turn(new Command.ScalePool(NextRequest(), "nowhere", 1));
    }
}
