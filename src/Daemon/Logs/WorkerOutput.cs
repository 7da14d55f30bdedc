using Queued.Broker;

namespace Queued.Daemon.Logs;

/// <summary>What a worker runs, as far as its output is concerned.</summary>
internal sealed class WorkerOutput
{
    private readonly List<(AttemptId Attempt, bool Waiting)> _held = [];

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
            foreach (var (attempt, waiting) in _held)
            {
                if (waiting) continue;
                if (free-- == 0) break;
                if (only is not null) return null;
                only = attempt;
            }

            return only;
        }
    }

    public IEnumerable<AttemptId> Held => _held.Select(held => held.Attempt);

    public bool Holds(AttemptId attempt) => IndexOf(attempt) >= 0;

    public void Begin(AttemptId attempt)
    {
        if (!Holds(attempt)) _held.Add((attempt, false));
    }

    public void End(AttemptId attempt)
    {
        var index = IndexOf(attempt);
        if (index >= 0) _held.RemoveAt(index);
    }

    public void SetWaiting(AttemptId attempt, bool waiting)
    {
        var index = IndexOf(attempt);
        if (index >= 0) _held[index] = (attempt, waiting);
    }

    private int IndexOf(AttemptId attempt) => _held.FindIndex(held => held.Attempt == attempt);
}
