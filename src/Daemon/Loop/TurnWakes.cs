using System.Runtime.CompilerServices;

namespace Queued.Daemon.Loop;

/// <summary>
/// Who is woken while a turn is carried out is woken after it, once, however often the turn has something for him. One
/// that is alone and has little to do runs on the thread of the turn, which has nothing else to do: that saves a
/// wake-up of another thread. Several run beside each other.
/// </summary>
internal sealed class TurnWakes
{
    [ThreadStatic]
    private static TurnWakes? _ofThisThread;

    private List<WriterSignal> _signals = [];

    /// <summary>Those of a turn in which these are.</summary>
    private TurnWakes? _outer;

    public void Begin() => (_outer, _ofThisThread) = (_ofThisThread, this);

    /// <summary>The turn is over; they are to be woken.</summary>
    public void End() => _ofThisThread = _outer;

    /// <summary>Wakes them.</summary>
    public void Run() => Take().Run();

    /// <summary>
    /// Awaits what comes for the next turn, and wakes them meanwhile. An answer to what they write comes soon: whoever
    /// brings it finds that nobody has the turn, and takes it himself.
    /// </summary>
    public Between During(ValueTask<bool> next) => new(this, next);

    /// <returns>False: no turn is carried out on this thread.</returns>
    public static bool TryDefer(WriterSignal signal)
    {
        if (_ofThisThread is not { } wakes) return false;
        if (signal.IsDeferred) return true;
        signal.IsDeferred = true;
        wakes._signals.Add(signal);
        return true;
    }

    private Woken Take()
    {
        foreach (var signal in _signals) signal.IsDeferred = false;
        switch (_signals.Count)
        {
            case 0:
                return default;
            case 1:
                var alone = _signals[0];
                _signals.Clear();
                return new Woken(alone, null);
            default:
                var several = _signals;
                _signals = new List<WriterSignal>(several.Count);
                return new Woken(null, several);
        }
    }

    internal readonly struct Between(TurnWakes wakes, ValueTask<bool> next) : ICriticalNotifyCompletion
    {
        public bool IsCompleted
        {
            get
            {
                if (!next.IsCompleted) return false;
                wakes.Run();
                return true;
            }
        }

        public Between GetAwaiter() => this;

        public bool GetResult() => next.GetAwaiter().GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            // Before the next turn is anybody's.
            var woken = wakes.Take();
            next.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(continuation);
            woken.Run();
        }
    }

    private readonly record struct Woken(WriterSignal? Alone, List<WriterSignal>? Several)
    {
        public void Run()
        {
            Alone?.Wake(isAlone: true);
            if (Several is null) return;
            foreach (var signal in Several) signal.Wake(isAlone: false);
        }
    }
}
