namespace Queued.Daemon.Loop;

/// <summary>
/// Who is woken while a turn is carried out is woken at its end, once, however often the turn has something for him.
/// One that is alone and has little to do runs on the thread of the turn, which has nothing else to do: that saves a
/// wake-up of another thread. Several run beside each other.
/// </summary>
internal sealed class TurnWakes
{
    [ThreadStatic]
    private static TurnWakes? _ofThisThread;

    private readonly List<WriterSignal> _signals = [];

    /// <summary>Those of a turn in which these are.</summary>
    private TurnWakes? _outer;

    public void Begin() => (_outer, _ofThisThread) = (_ofThisThread, this);

    public void End()
    {
        _ofThisThread = _outer;
        var isAlone = _signals.Count == 1;
        foreach (var signal in _signals)
        {
            signal.IsDeferred = false;
            signal.Wake(isAlone);
        }

        _signals.Clear();
    }

    /// <returns>False: no turn is carried out on this thread.</returns>
    public static bool TryDefer(WriterSignal signal)
    {
        if (_ofThisThread is not { } wakes) return false;
        if (signal.IsDeferred) return true;
        signal.IsDeferred = true;
        wakes._signals.Add(signal);
        return true;
    }
}
