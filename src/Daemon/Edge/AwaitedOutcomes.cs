using Queued.Broker;

namespace Queued.Daemon.Edge;

/// <summary>
/// Which outcomes a stream still owes its client, and under which of its numbers. The core says a task's end once to a
/// session; the client may have submitted the same task twice (by its idempotency key), and watch it too.
/// </summary>
internal sealed class AwaitedOutcomes
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TaskId, ulong> _tags = [];
    private readonly Dictionary<TaskId, List<ulong>> _moreTags = [];
    private readonly HashSet<TaskId> _watched = [];
    private readonly Dictionary<TaskId, TaskOutcome> _early = [];
    private readonly Queue<(long LatestSubmit, TaskId Task)> _earlyOrder = new();
    private long _begun;
    private long _ended;

    /// <summary>A submit is under way: outcomes of tasks that nobody here knows may belong to it.</summary>
    public void BeginSubmit()
    {
        lock (_gate) _begun++;
    }

    /// <summary>The oldest submit has been answered.</summary>
    public void EndSubmit()
    {
        lock (_gate)
        {
            _ended++;
            while (_earlyOrder.TryPeek(out var oldest) && oldest.LatestSubmit <= _ended)
            {
                _earlyOrder.Dequeue();
                _early.Remove(oldest.Task);
            }
        }
    }

    /// <summary>A submission has become this task. Returns the outcome where it came before.</summary>
    public TaskOutcome? Add(TaskId task, ulong tag)
    {
        lock (_gate)
        {
            if (_early.TryGetValue(task, out var outcome)) return outcome;
            if (_tags.TryAdd(task, tag)) return null;
            if (!_moreTags.TryGetValue(task, out var more)) _moreTags.Add(task, more = []);
            more.Add(tag);
            return null;
        }
    }

    public void Watch(TaskId task)
    {
        lock (_gate) _watched.Add(task);
    }

    /// <summary>The client watches it no longer.</summary>
    /// <returns>False where the stream still owes it the outcome, because it has submitted the task.</returns>
    public bool Unwatch(TaskId task)
    {
        lock (_gate)
        {
            _watched.Remove(task);
            return !_tags.ContainsKey(task);
        }
    }

    /// <summary>Who waits for it; it is told, so nobody does any more.</summary>
    public Addressees Take(TaskOutcome outcome)
    {
        var task = outcome.Id;
        lock (_gate)
        {
            var isWatched = _watched.Remove(task);
            if (_tags.Remove(task, out var tag))
            {
                _moreTags.Remove(task, out var more);
                return new Addressees(IsSubmitted: true, tag, more, isWatched);
            }

            var isEarly = _begun > _ended && _early.TryAdd(task, outcome);
            if (isEarly) _earlyOrder.Enqueue((_begun, task));
            return new Addressees(IsSubmitted: false, 0, null, isWatched, isEarly);
        }
    }

    /// <param name="IsSubmitted">The client submitted it, under this number.</param>
    /// <param name="Tag">The number.</param>
    /// <param name="MoreTags">It submitted it again under these. Null: it did not.</param>
    /// <param name="IsWatched">It watches it as well, under no number.</param>
    /// <param name="IsEarly">A submit that is under way may ask for it yet.</param>
    public readonly record struct Addressees(
        bool IsSubmitted, ulong Tag, List<ulong>? MoreTags, bool IsWatched, bool IsEarly = false);
}
