using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>
/// The changes of one commit, without those that a later one of the same commit makes pointless: of a task that began
/// while the last commit ran only its end is written, and of one that is gone by now nothing at all.
/// </summary>
internal sealed class ChangeGroup
{
    private readonly List<Change> _changes = [];
    private readonly HashSet<TaskId> _standsLater = [];
    private readonly HashSet<TaskId> _removed = [];

    /// <summary>Tasks that are copied later in the group, from what the store has of them.</summary>
    private readonly HashSet<TaskId> _copied = [];

    /// <summary>Tasks that were added and removed within the group.</summary>
    private readonly HashSet<TaskId> _neverThere = [];

    public bool HasChanges => _changes.Count > 0;

    /// <summary>In their order.</summary>
    public IReadOnlyList<Change> Remaining => _changes;

    /// <summary>The highest number of a task that was added, whether or not it remains. 0: none was.</summary>
    public ulong LastTask { get; private set; }

    public void Collect(IReadOnlyList<StoreJob> jobs)
    {
        _changes.Clear();
        _standsLater.Clear();
        _removed.Clear();
        _copied.Clear();
        _neverThere.Clear();
        LastTask = 0;
        for (var index = jobs.Count - 1; index >= 0; index--)
        {
            if (jobs[index] is not AppendJob { Changes: var changes }) continue;
            for (var at = changes.Count - 1; at >= 0; at--)
            {
                if (!IsPointless(changes[at])) _changes.Add(changes[at]);
            }
        }

        if (_neverThere.Count > 0)
            _changes.RemoveAll(change => change is Change.TaskRemoved removed && _neverThere.Contains(removed.Task));
        _changes.Reverse();
    }

    /// <summary>From the last one to the first: what is known is what comes later.</summary>
    private bool IsPointless(Change change)
    {
        switch (change)
        {
            case Change.TaskAdded { Task: var task }:
                LastTask = Math.Max(LastTask, task.Id.Value);
                if (_removed.Contains(task.Id) && !_copied.Contains(task.Id)) return _neverThere.Add(task.Id);
                if (task is { RetryOf: { } original, Submission.Payload.IsStored: true }) _copied.Add(original);
                return false;
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
