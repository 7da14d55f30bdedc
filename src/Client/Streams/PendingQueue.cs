using Proto = Queued.Protocol.V1;

namespace Queued.Client.Streams;

/// <summary>What a stream still has to send and what it still waits for. All of it is guarded by the stream's gate.</summary>
internal sealed class PendingQueue
{
    private const int SubmissionsPerMessage = 1024;
    private const int WatchesPerMessage = 10_000;
    private const int BytesPerMessage = 1024 * 1024;

    // How many outcomes may be under way to us. More are let in as these are handled, a quarter at a time.
    private const int OutcomeCredits = 16_384;

    private readonly PendingTable _sent = new();
    private readonly Dictionary<ulong, List<PendingTask>> _watched = [];
    private readonly Queue<ulong> _watches = new();
    private readonly Queue<ulong> _unwatches = new();
    private readonly Queue<Proto.CancelTaskRequest> _cancels = new();
    private Queue<PendingTask> _unsent = new();
    private long _submitCredits;
    private int _outcomeCreditsOwed;

    public bool IsEmpty => _unsent.Count == 0 && _sent.Count == 0 && _watched.Count == 0 && _cancels.Count == 0;

    public void AddSubmission(PendingTask task) => _unsent.Enqueue(task);

    public void AddWatch(PendingTask task)
    {
        if (_watched.TryGetValue(task.TaskId, out var others))
        {
            others.Add(task);
            return;
        }

        _watched.Add(task.TaskId, [task]);
        _watches.Enqueue(task.TaskId);
    }

    /// <returns>Whether the daemon has to be told.</returns>
    public bool RemoveWatch(PendingTask task)
    {
        if (!_watched.TryGetValue(task.TaskId, out var all) || !all.Remove(task) || all.Count > 0)
            return false;
        _watched.Remove(task.TaskId);
        _unwatches.Enqueue(task.TaskId);
        return true;
    }

    public void AddCancel(ulong taskId, string reason) =>
        _cancels.Enqueue(new Proto.CancelTaskRequest { TaskId = taskId, Reason = reason });

    public void AddCredits(uint credits) => _submitCredits += credits;

    /// <summary>The connection's first message: credits, and every task that the last connection left behind.</summary>
    public void BeginConnection()
    {
        _submitCredits = 0;
        _outcomeCreditsOwed = OutcomeCredits;
        _unwatches.Clear();
        _watches.Clear();
        foreach (var id in _watched.Keys)
            _watches.Enqueue(id);
    }

    /// <summary>Sorts what the connection left behind.</summary>
    /// <returns>Submits of which nobody knows whether they arrived.</returns>
    public List<PendingTask> EndConnection()
    {
        var lost = new List<PendingTask>();
        var again = new Queue<PendingTask>();
        foreach (var task in _sent.TakeAll())
        {
            task.Tag = 0;
            if (task.TaskId != 0)
                AddWatch(task);
            else if (task.Spec?.IdempotencyKey is not null)
                again.Enqueue(task);
            else
                lost.Add(task);
        }

        if (again.Count > 0)
        {
            foreach (var task in _unsent)
                again.Enqueue(task);
            _unsent = again;
        }

        return lost;
    }

    public List<PendingTask> TakeAll()
    {
        var all = _sent.TakeAll();
        all.AddRange(_unsent);
        all.AddRange(_watched.Values.SelectMany(tasks => tasks));
        _unsent.Clear();
        _watched.Clear();
        _watches.Clear();
        _cancels.Clear();
        return all;
    }

    /// <summary>Puts all that may be sent now, up to the size of a message, into one.</summary>
    /// <returns>Null: there is nothing to send.</returns>
    public Proto.ConnectRequest? TakeMessage(bool isFirst)
    {
        var message = new Proto.ConnectRequest();
        var any = isFirst;
        if (_outcomeCreditsOwed >= OutcomeCredits / 4)
        {
            message.OutcomeCredits = (uint)_outcomeCreditsOwed;
            _outcomeCreditsOwed = 0;
            any = true;
        }

        any |= TakeSubmissions(message);
        for (var n = 0; n < WatchesPerMessage && _watches.TryDequeue(out var id); n++)
            message.WatchTaskIds.Add(id);
        for (var n = 0; n < WatchesPerMessage && _unwatches.TryDequeue(out var id); n++)
            message.UnwatchTaskIds.Add(id);
        for (var n = 0; n < SubmissionsPerMessage && _cancels.TryDequeue(out var cancel); n++)
            message.Cancels.Add(cancel);
        any |= message.WatchTaskIds.Count > 0 || message.UnwatchTaskIds.Count > 0 || message.Cancels.Count > 0;
        return any ? message : null;
    }

    public PendingTask? Accept(Proto.SubmitAck ack)
    {
        var task = _sent.Find(ack.Tag);
        if (task is null)
            return null;
        task.Spec = null;
        task.TaskId = ack.TaskId;
        if (ack.TaskId == 0 || task.WithoutOutcome)
            _sent.Remove(ack.Tag);
        return task;
    }

    public void Finish(Proto.TaskOutcome outcome, List<PendingTask> finished)
    {
        _outcomeCreditsOwed++;
        if (outcome.Tag != 0)
        {
            if (_sent.Find(outcome.Tag) is not { } task)
                return;
            _sent.Remove(outcome.Tag);
            finished.Add(task);
        }
        else if (_watched.Remove(outcome.TaskId, out var watchers))
            finished.AddRange(watchers);
    }

    public IReadOnlyList<PendingTask> TakeWatchers(ulong taskId) => _watched.Remove(taskId, out var watchers) ? watchers : [];

    private bool TakeSubmissions(Proto.ConnectRequest message)
    {
        var bytes = 0;
        while (_submitCredits > 0 && message.Submissions.Count < SubmissionsPerMessage && _unsent.TryPeek(out var task))
        {
            if (task.IsAbandoned)
            {
                _unsent.Dequeue();
                continue;
            }

            var length = task.Spec!.Payload.Data.Length;
            if (bytes > 0 && bytes + length > BytesPerMessage)
                break;
            bytes += length;
            _unsent.Dequeue();
            _submitCredits--;
            task.Tag = _sent.Add(task);
            message.Submissions.Add(new Proto.Submission { Tag = task.Tag, Task = task.Spec, WithoutOutcome = task.WithoutOutcome });
        }

        return message.Submissions.Count > 0;
    }
}
