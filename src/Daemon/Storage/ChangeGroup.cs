using System.Runtime.InteropServices;
using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>
/// The changes of one commit, without those that a later one of the same commit makes pointless: of a task that began
/// while the last commit ran only its end is written, one that was added is written as it stands by now, and of one
/// that is gone by now nothing at all.
/// </summary>
internal sealed class ChangeGroup
{
    /// <summary>Nothing of the task is written later that its row could be written with.</summary>
    private const int Nowhere = -1;

    private readonly List<Change?> _changes = [];

    /// <summary>Tasks of which something later says where they stand, and the place of that change.</summary>
    private readonly Dictionary<TaskId, int> _standsLater = [];
    private readonly HashSet<TaskId> _removed = [];

    /// <summary>Tasks that are copied later in the group, from what the store has of them.</summary>
    private readonly HashSet<TaskId> _copied = [];

    /// <summary>Tasks that were added and removed within the group.</summary>
    private readonly HashSet<TaskId> _neverThere = [];

    public bool HasChanges => _changes.Count > 0;

    /// <summary>In their order.</summary>
    public IReadOnlyList<Change> Remaining => _changes!;

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
                if (Wanted(changes[at]) is { } change) _changes.Add(change);
            }
        }

        _changes.RemoveAll(
            change => change is null || (change is Change.TaskRemoved gone && _neverThere.Contains(gone.Task)));
        _changes.Reverse();
    }

    /// <summary>From the last one to the first: what is known is what comes later. Null: it is pointless.</summary>
    private Change? Wanted(Change change)
    {
        switch (change)
        {
            case Change.TaskAdded { Task: var task } added:
                LastTask = Math.Max(LastTask, task.Id.Value);
                if (_removed.Contains(task.Id) && !_copied.Contains(task.Id))
                {
                    _neverThere.Add(task.Id);
                    return null;
                }

                if (task is { RetryOf: { } original, Submission.Payload.IsStored: true }) _copied.Add(original);
                return WithStanding(added);
            case Change.TaskMoved moved:
                return _standsLater.TryAdd(moved.Task, _changes.Count) ? moved : null;
            case Change.TaskEnded ended:
                // Its result is written nowhere else, so it cannot go into a row with what was said after it.
                ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    _standsLater, ended.Task, out var standsLater);
                place = standsLater ? Nowhere : _changes.Count;
                return _removed.Contains(ended.Task) ? null : ended;
            case Change.TaskRemoved removed:
                _standsLater[removed.Task] = Nowhere;
                _removed.Add(removed.Task);
                return removed;
            default:
                return change;
        }
    }

    /// <summary>A row that is written once need not be found, and made longer, a moment later.</summary>
    private Change.TaskAdded WithStanding(Change.TaskAdded added)
    {
        if (_standsLater.Count == 0 || !_standsLater.TryGetValue(added.Task.Id, out var place) || place == Nowhere)
            return added;
        var standing = _changes[place] switch
        {
            Change.TaskMoved moved => moved.Standing,
            Change.TaskEnded ended => ended.Standing,
            _ => throw new InvalidOperationException($"Nothing says where task {added.Task.Id} stands."),
        };
        _changes[place] = null;
        return new Change.TaskAdded(added.Task with { Standing = standing });
    }
}
