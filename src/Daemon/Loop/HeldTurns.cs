using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>Turns that one flush of the store confirms. What they hold back is said together, in its order.</summary>
internal sealed class HeldTurns(Task append)
{
    private readonly Lock _gate = new();
    private readonly List<Effect> _held = [];
    private int _turns;
    private bool _isOver;

    public Task Append => append;

    /// <returns>False: it must wait for something else, or it is too late.</returns>
    public bool TryJoin(Task confirmation, List<Effect> held, ref int unconfirmed)
    {
        lock (_gate)
        {
            if (_isOver || (confirmation != append && !confirmation.IsCompletedSuccessfully)) return false;
            _held.AddRange(held);
            _turns++;
            // Before it can be taken back.
            Interlocked.Increment(ref unconfirmed);
            return true;
        }
    }

    /// <summary>What is to be said. From now on nothing joins.</summary>
    public IReadOnlyList<Effect> End()
    {
        lock (_gate)
        {
            _isOver = true;
            return _held;
        }
    }

    /// <summary>It was said, or never will be.</summary>
    /// <returns>How many turns it was.</returns>
    public int Forget()
    {
        lock (_gate)
        {
            _isOver = true;
            _held.Clear();
            return _turns;
        }
    }
}
