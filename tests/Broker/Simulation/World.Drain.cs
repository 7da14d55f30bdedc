namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private const int DrainTurnsMax = 20_000;

    /// <summary>A wall clock that was set back while the daemon was down makes a delay longer by as much.</summary>
    private static readonly TimeSpan DrainTimeMin = TimeSpan.FromHours(2);

    /// <summary>
    /// The faults stop. What was taken must end, in bounded time: paused queues go on, a healthy pool serves them all,
    /// and the wall clock reaches every run_at.
    /// </summary>
    private void Drain()
    {
        _swarm.IsCalm = true;
        if (_isShutDown)
        {
            CheckAll();
            return;
        }

        foreach (var worker in _workers) worker.IgnoresTerm = false;
        _wallOffset += TimeSpan.FromDays(1);
        foreach (var queue in _model.QueueNames) Turn(new Command.ResumeQueue(NextRequest(), queue));
        if (!_model.IsShuttingDown)
        {
            foreach (var worker in _workers.FindAll(worker => worker is { IsExternal: true, IsConnected: true }))
                Turn(new Command.StopWorker(NextRequest(), worker.Id, Kill: true));
            foreach (var pool in PoolNames) Turn(new Command.ScalePool(NextRequest(), pool, 0));
            var response = Turn(new Command.CreatePool(NextRequest(), new PoolSettings
            {
                Name = "rescue",
                Size = 2,
                Slots = 4,
                Command = ["worker"],
                Queues = _model.QueueNames.ToArray(),
                HeartbeatTimeout = TimeSpan.FromSeconds(60),
                RestartBackoff = TimeSpan.FromMilliseconds(10),
            }));
            if (response is not Response.OnePool) throw new SimulationFailedException(
                $"There is no rescue: {response}");
        }

        var (end, latest) = (_turns + DrainTurnsMax, Now.Monotonic + DrainTimeMin);
        while (_model.IsShuttingDown ? !_isShutDown : _model.HasOpenTasks)
        {
            if (_turns > end && Now.Monotonic > latest) throw new SimulationFailedException(
                $"It does not drain: {_model.OpenTasks()}");
            Next();
        }

        CheckAll();
    }
}
