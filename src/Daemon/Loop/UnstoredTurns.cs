using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// The turns that the store has not confirmed, oldest first, and what they have changed: while the disk is full an
/// answer that tells of nothing of it need not wait for room.
/// </summary>
internal sealed class UnstoredTurns
{
    private readonly Queue<(Task Confirmed, IReadOnlyList<Change> Changes)> _turns = new();
    private IReadOnlyList<Change> _current = [];

    /// <summary>What the turns have changed, as far as they were gone over. Null: nobody has asked.</summary>
    private (HashSet<TaskId> Tasks, HashSet<string> Queues)? _changed;

    public Task? Oldest
    {
        get
        {
            ForgetConfirmed();
            return _turns.TryPeek(out var oldest) ? oldest.Confirmed : null;
        }
    }

    /// <summary>The turn that is carried out, whether or not it has to be waited for.</summary>
    public void Begin(IReadOnlyList<Change> changes)
    {
        _current = changes;
        if (_changed is not null) Note(changes);
    }

    /// <summary>It has to.</summary>
    public void Add(Task confirmed)
    {
        ForgetConfirmed();
        _turns.Enqueue((confirmed, _current));
    }

    /// <summary>Whether the answer may tell of what the store has not confirmed.</summary>
    public bool AreToldBy(Response response)
    {
        ForgetConfirmed();
        if (_changed is null)
        {
            _changed = ([], new HashSet<string>(StringComparer.Ordinal));
            foreach (var (_, changes) in _turns) Note(changes);
            Note(_current);
        }

        var (tasks, queues) = _changed.Value;
        return response switch
        {
            Response.OneTask one => tasks.Contains(one.Task.Id),
            Response.Submitted submitted => submitted.Results.Any(result =>
                result.Rejection is { } refusal ? StoreWait.IsNeeded(refusal) : tasks.Contains(result.Id)),
            // Their counts promise nothing.
            Response.OneQueue one => queues.Contains(one.Queue.Name),
            Response.QueuePage => queues.Count > 0,
            _ => true,
        };
    }

    private void Note(IReadOnlyList<Change> changes)
    {
        var (tasks, queues) = _changed!.Value;
        foreach (var change in changes)
        {
            switch (change)
            {
                case Change.TaskAdded added: tasks.Add(added.Task.Id); break;
                case Change.TaskMoved moved: tasks.Add(moved.Task); break;
                case Change.TaskEnded ended: tasks.Add(ended.Task); break;
                case Change.TaskRemoved removed: tasks.Add(removed.Task); break;
                case Change.QueueDeclared declared: queues.Add(declared.Queue.Name); break;
                case Change.QueueDeleted deleted: queues.Add(deleted.Name); break;
            }
        }
    }

    private void ForgetConfirmed()
    {
        while (_turns.TryPeek(out var oldest) && oldest.Confirmed.IsCompletedSuccessfully)
        {
            _turns.Dequeue();
            _changed = null;
        }
    }
}
