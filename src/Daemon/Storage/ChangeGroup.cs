using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>
/// The changes of one commit, without those that a later one of the same commit makes pointless: a short task that
/// began and ended while the last commit ran is written once.
/// </summary>
internal sealed class ChangeGroup
{
    private readonly List<Change> _changes = [];
    private readonly HashSet<TaskId> _standsLater = [];
    private readonly HashSet<TaskId> _removed = [];

    public bool HasChanges => _changes.Count > 0;

    /// <summary>In their order.</summary>
    public IReadOnlyList<Change> Remaining => _changes;

    public void Collect(IReadOnlyList<StoreJob> jobs)
    {
        _changes.Clear();
        _standsLater.Clear();
        _removed.Clear();
        for (var index = jobs.Count - 1; index >= 0; index--)
        {
            if (jobs[index] is not AppendJob { Changes: var changes }) continue;
            for (var at = changes.Count - 1; at >= 0; at--)
            {
                if (!IsPointless(changes[at])) _changes.Add(changes[at]);
            }
        }

        _changes.Reverse();
    }

    private bool IsPointless(Change change)
    {
        switch (change)
        {
            case Change.TaskMoved moved:
                return !_standsLater.Add(moved.Task);
            case Change.TaskEnded ended:
                // Its result is written nowhere else.
                _standsLater.Add(ended.Task);
                return _removed.Contains(ended.Task);
            case Change.TaskRemoved removed:
                _standsLater.Add(removed.Task);
                _removed.Add(removed.Task);
                return false;
            default:
                return false;
        }
    }
}
