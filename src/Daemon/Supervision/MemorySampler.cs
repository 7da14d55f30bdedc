namespace Queued.Daemon.Supervision;

/// <summary>
/// Looks at the workers' memory from time to time, on the reactor's thread. Sleeps while there are none.
/// </summary>
internal sealed class MemorySampler(Reactor reactor, TimeSpan interval, ISupervisionEvents events, OomWatch oom)
{
    private const int UnlimitedEvery = 10;

    private readonly HashSet<WorkerProcess> _workers = [];
    private int _limited;
    private int _tick;
    private int _round;

    internal void Add(WorkerProcess worker)
    {
        if (_workers.Count == 0)
            oom.Tick();
        _workers.Add(worker);
        if (worker.HasMemoryLimit)
            _limited++;

        // A round that is under way was paced for those without a limit.
        if (_workers.Count == 1 || (worker.HasMemoryLimit && _limited == 1))
            Begin();
    }

    internal void Remove(WorkerProcess worker)
    {
        if (!_workers.Remove(worker))
            return;
        if (worker.HasMemoryLimit)
            _limited--;
    }

    private void Begin()
    {
        var round = ++_round;
        reactor.Schedule(_limited > 0 ? interval : interval * UnlimitedEvery, () => Sample(round));
    }

    private void Sample(int round)
    {
        if (round != _round || _workers.Count == 0)
            return;

        oom.Tick();
        _tick = _limited > 0 ? (_tick + 1) % UnlimitedEvery : 0;
        foreach (var worker in _workers)
        {
            if ((worker.HasMemoryLimit || _tick == 0) && worker.SampleResidentBytes() is > 0 and var bytes)
                events.Sampled(worker.Id, bytes);
        }

        Begin();
    }
}
