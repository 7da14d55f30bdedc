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
    private bool _hasNew;

    private bool IsFast => _limited > 0 || _hasNew;

    internal void Add(WorkerProcess worker)
    {
        if (_workers.Count == 0)
            oom.Tick();

        // A round that is under way was paced for those without a limit, and one that just came is looked at soon.
        var isPacedAnew = _workers.Count == 0 || !IsFast;
        _workers.Add(worker);
        _hasNew = true;
        if (worker.HasMemoryLimit)
            _limited++;
        if (isPacedAnew)
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
        reactor.Schedule(IsFast ? interval : interval * UnlimitedEvery, () => Sample(round));
    }

    private void Sample(int round)
    {
        if (round != _round || _workers.Count == 0)
            return;

        oom.Tick();
        _tick = _limited > 0 ? (_tick + 1) % UnlimitedEvery : 0;
        var isForAll = _hasNew || _tick == 0;
        _hasNew = false;
        foreach (var worker in _workers)
        {
            if ((worker.HasMemoryLimit || isForAll) && worker.SampleResidentBytes() is > 0 and var bytes)
                events.Sampled(worker.Id, bytes);
        }

        Begin();
    }
}
