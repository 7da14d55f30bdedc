namespace Queued.Daemon.Supervision;

/// <summary>
/// Looks at the workers' memory from time to time, on the reactor's thread. Sleeps while there are none.
/// </summary>
internal sealed class MemorySampler(Reactor reactor, TimeSpan interval, ISupervisionEvents events, OomWatch oom)
{
    private const int UnlimitedEvery = 10;

    private readonly HashSet<WorkerProcess> _workers = [];

    /// <summary>Those that no round has looked at: one that ends soon has a figure in its record, too.</summary>
    private readonly HashSet<WorkerProcess> _new = [];
    private int _limited;
    private int _tick;
    private int _round;

    private bool IsFast => _limited > 0 || _new.Count > 0;

    internal void Add(WorkerProcess worker)
    {
        if (_workers.Count == 0)
            oom.Tick();

        // A round that is under way may be paced for those without a limit that were looked at before.
        var isPacedAnew = _workers.Count == 0 || !IsFast;
        _workers.Add(worker);
        _new.Add(worker);
        if (worker.HasMemoryLimit)
            _limited++;
        if (isPacedAnew)
            Begin();
    }

    internal void Remove(WorkerProcess worker)
    {
        if (!_workers.Remove(worker))
            return;
        _new.Remove(worker);
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
        _tick = IsFast ? (_tick + 1) % UnlimitedEvery : 0;
        foreach (var worker in _workers)
        {
            var isDue = worker.HasMemoryLimit || _tick == 0 || _new.Contains(worker);
            if (isDue && worker.SampleResidentBytes() is > 0 and var bytes)
                events.Sampled(worker.Id, bytes);
        }

        _new.Clear();
        Begin();
    }
}
