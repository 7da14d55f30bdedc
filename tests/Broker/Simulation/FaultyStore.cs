using Queued.Broker.Tests.Storage;

namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// A disk that flushes in groups, takes its time, may fail for ever, and loses any end of what it had not flushed. It
/// holds back what waits for it, as the daemon does.
/// </summary>
internal sealed class FaultyStore(SimRandom random, Swarm swarm, Action<TimeSpan, Action> after)
{
    private readonly List<Batch> _unflushed = [];
    private readonly StoreImage _disk = new();
    private StoreImage _written = new();
    private int _life;
    private int _waits;
    private bool _isFlushing;
    private bool _isBroken;

    /// <summary>An effect that others see has left the daemon.</summary>
    public event Action<Effect>? Told;

    /// <summary>A turn that this was wanted of is on the disk.</summary>
    public event Action? Reached;

    /// <summary>A flush has failed, and so will every other one.</summary>
    public event Action? Failed;

    public void Take(int turn, List<Effect> effects)
    {
        var batch = new Batch(turn);
        var holds = _waits > 0;
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Effect.Persist persist:
                    batch.Changes.Add(persist.Change);
                    _written.Apply(persist.Change);
                    batch.Waits |= persist.MustFlush;
                    holds |= persist.MustFlush;
                    break;
                case Effect.AwaitStore:
                    batch.IsAwaited = true;
                    break;
                case Effect.Reply { Response: not Response.Welcomed } or Effect.TaskFinished when holds:
                    batch.Held.Add(effect);
                    batch.Waits = true;
                    break;
                case Effect.Reply or Effect.TaskFinished:
                    Told?.Invoke(effect);
                    break;
            }
        }

        if (batch.Changes.Count == 0 && batch.Held.Count == 0) return;
        _unflushed.Add(batch);
        if (batch.Waits) _waits++;
        Flush();
    }

    public TaskPayload Read(TaskId task, TaskPayload payload, bool isResult) => _written.Read(task, payload, isResult);

    public BrokerSnapshot Load() => _disk.Load();

    /// <summary>The daemon is gone; after which turn what it wrote is lost.</summary>
    public int Crash(bool keepsAll)
    {
        var kept = keepsAll ? _unflushed.Count : random.Below(_unflushed.Count + 1);
        var survived = kept == _unflushed.Count ? int.MaxValue : _unflushed[kept].Turn - 1;
        Land(kept, tells: false);
        _unflushed.Clear();
        _written = _disk.Copy();
        _life++;
        _waits = 0;
        _isFlushing = _isBroken = false;
        return survived;
    }

    private void Flush()
    {
        if (_isFlushing || _isBroken || _unflushed.Count == 0) return;
        _isFlushing = true;
        var (life, group) = (_life, _unflushed.Count);
        var latency = swarm.Strikes(Trait.SlowFlushes) ? random.Milliseconds(20, 2000) : random.Milliseconds(1, 8);
        after(latency, () =>
        {
            if (life != _life) return;
            _isFlushing = false;
            if (swarm.Strikes(Trait.FlushFailures))
            {
                _isBroken = true;
                Failed?.Invoke();
                return;
            }

            Land(group, tells: true);
            Flush();
        });
    }

    private void Land(int count, bool tells)
    {
        foreach (var batch in _unflushed[..count])
        {
            foreach (var change in batch.Changes) _disk.Apply(change);
            if (batch.Waits) _waits--;
            if (!tells) continue;
            foreach (var effect in batch.Held) Told?.Invoke(effect);
            if (batch.IsAwaited) Reached?.Invoke();
        }

        _unflushed.RemoveRange(0, count);
    }

    private sealed class Batch(int turn)
    {
        public int Turn { get; } = turn;

        public List<Change> Changes { get; } = [];

        public List<Effect> Held { get; } = [];

        /// <summary>The core wants to know when it is on the disk.</summary>
        public bool IsAwaited { get; set; }

        /// <summary>Somebody waits for it to be on the disk.</summary>
        public bool Waits { get; set; }
    }
}
