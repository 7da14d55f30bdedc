using Queued.Broker;

namespace Queued.Daemon.Logs;

/// <summary>What a worker runs, as far as its output is concerned.</summary>
internal sealed class WorkerOutput
{
    /// <summary>In the order they were given, from the first place that is used.</summary>
    private readonly List<(AttemptId Attempt, bool Waiting)> _held = [];

    private int _first;

    /// <summary>How many attempts it runs at once.</summary>
    public int Slots { get; set; } = 1;

    /// <summary>The attempt that its output belongs to. Null: it runs none, or several.</summary>
    public AttemptId? Only
    {
        get
        {
            // Workers begin assignments in order; one that waits for another task has given its slot back.
            AttemptId? only = null;
            var free = Slots;
            for (var index = _first; index < _held.Count; index++)
            {
                var (attempt, waiting) = _held[index];
                if (waiting) continue;
                if (free-- == 0) break;
                if (only is not null) return null;
                only = attempt;
            }

            return only;
        }
    }

    public IEnumerable<AttemptId> Held => _held.Skip(_first).Select(held => held.Attempt);

    public bool Holds(AttemptId attempt) => IndexOf(attempt) >= 0;

    public void Begin(AttemptId attempt) => _held.Add((attempt, false));

    public void End(AttemptId attempt)
    {
        var index = IndexOf(attempt);
        if (index < 0) return;
        // Attempts end in about the order they were given, so few have to move.
        for (; index > _first; index--) _held[index] = _held[index - 1];
        _first++;
        if (_first * 2 <= _held.Count) return;
        _held.RemoveRange(0, _first);
        _first = 0;
    }

    public void SetWaiting(AttemptId attempt, bool waiting)
    {
        var index = IndexOf(attempt);
        if (index >= 0) _held[index] = (attempt, waiting);
    }

    private int IndexOf(AttemptId attempt)
    {
        for (var index = _first; index < _held.Count; index++)
        {
            if (_held[index].Attempt == attempt) return index;
        }

        return -1;
    }
}
