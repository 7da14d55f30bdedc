using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Streams;

/// <summary>
/// What a stream still has to send and what it still waits for. All of it is guarded by the stream's gate.
/// </summary>
internal sealed class PendingQueue
{
    private const int SubmissionsPerMessage = 1024;
    private const int WatchesPerMessage = 10_000;
    private const int BytesPerMessage = 1024 * 1024;

    // A submit gives its credit back with its outcome, or with its ack where that is all it wants. Long tasks must not
    // keep all credits: a share is kept for the submits that only want an ack, and maps, which always have more to
    // send, leave another one to what is submitted singly.
    private const int ReservedCreditsMax = 1024;
    private const int ReservedShare = 8;

    // How many outcomes may be under way to us. More are let in as these are handled, a quarter at a time.
    private const int OutcomeCredits = 16_384;

    private readonly SubmissionLimits _limits = new();
    private readonly PendingTable _sent = new();
    private readonly Dictionary<ulong, List<PendingTask>> _watched = [];
    private readonly Queue<ulong> _watches = new();
    private readonly Queue<ulong> _unwatches = new();
    private readonly Queue<Proto.CancelTaskRequest> _cancels = new();
    private readonly Queue<PendingTask> _unsentShort = new();
    private readonly Queue<PendingTask> _unsentMapped = new();
    private Queue<PendingTask> _unsent = new();
    private long _submitCredits;
    private long _reservedCredits;
    private int _outcomeCreditsOwed;
    private readonly List<ulong> _closes = [];
    private LargePayloads? _large;
    private bool _tellsToMap;
    private List<(PendingTask Task, QueuedException Error)> _refused = [];

    /// <summary>
    /// The next task to send, where its payload has to be put into shared memory first. What comes after it waits, so
    /// that tasks stay in their order.
    /// </summary>
    public PendingTask? ToStage { get; private set; }

    public bool IsEmpty =>
        _unsent.Count == 0 && _unsentShort.Count == 0 && _unsentMapped.Count == 0 && _sent.Count == 0
        && _watched.Count == 0 && _cancels.Count == 0;

    /// <summary>There is something that may be sent now.</summary>
    public bool HasMessage =>
        (_submitCredits > 0 && _unsentShort.Count > 0) || (_submitCredits > KeptForShort && _unsent.Count > 0)
        || (_submitCredits > KeptForSingle && _unsentMapped.Count > 0) || _tellsToMap
        || _outcomeCreditsOwed >= OutcomeCredits / 4
        || _closes.Count + _watches.Count + _unwatches.Count + _cancels.Count > 0;

    private long KeptForShort => Math.Max(0, _reservedCredits);

    private long KeptForSingle => 2 * KeptForShort;

    /// <summary>No submit is with the daemon that has not come to its end here.</summary>
    public bool IsNothingSent => _sent.Count == 0;

    public void AddSubmission(PendingTask task) =>
        (task.WithoutOutcome ? _unsentShort : task.IsOfMap ? _unsentMapped : _unsent).Enqueue(task);

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

    /// <returns>Whether there is something to send: not before the daemon has said what its number is.</returns>
    public bool Cancel(PendingTask task, string reason)
    {
        task.IsAbandoned = true;
        if (task.TaskId == 0)
        {
            task.CancelReason = reason;
            return false;
        }

        AddCancel(task, reason);
        return true;
    }

    /// <summary>A task was sent that is to be cancelled, and its number is not known yet.</summary>
    public bool HasCancelToCome => _sent.All.Any(task => task is { CancelReason: not null, TaskId: 0 });

    /// <summary>The daemon shares memory with us: large payloads go that way, and results come that way.</summary>
    public void Share(LargePayloads large) => (_large, _tellsToMap) = (large, true);

    /// <summary>A segment that is wanted no more, or whose result was read.</summary>
    public void AddClose(ulong segment) => _closes.Add(segment);

    /// <summary>What the daemon grants, and with its first message its limits.</summary>
    public void AddCredits(Proto.ConnectResponse response)
    {
        _limits.Learn(response);

        // The first grant of a connection is the whole window.
        var credits = response.SubmitCredits;
        if (_reservedCredits < 0)
            _reservedCredits = Math.Min(ReservedCreditsMax, credits / ReservedShare);
        _submitCredits += credits;
    }

    /// <summary>The connection's first message: credits, and every task that the last connection left behind.</summary>
    public void BeginConnection()
    {
        _submitCredits = 0;
        _reservedCredits = -1;
        (_large, _tellsToMap, ToStage) = (null, false, null);
        _closes.Clear();
        _limits.Forget();
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
            if (task.IsAbandoned)
                continue;
            if (task.TaskId != 0)
                AddWatch(task);
            else if (task.Template?.Spec.IdempotencyKey is null)
                lost.Add(task);
            else if (task.WithoutOutcome)
                _unsentShort.Enqueue(task);
            else
                again.Enqueue(task);
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
        all.AddRange(_unsentShort);
        all.AddRange(_unsentMapped);
        all.AddRange(_watched.Values.SelectMany(tasks => tasks));
        _unsent.Clear();
        _unsentShort.Clear();
        _unsentMapped.Clear();
        _watched.Clear();
        _watches.Clear();
        _cancels.Clear();
        return all;
    }

    /// <summary>Puts all that may be sent now, up to the size of a message, into one.</summary>
    /// <param name="isFirst">There is something to say in any case.</param>
    /// <param name="now">When it leaves.</param>
    /// <returns>Null: there is nothing to send.</returns>
    public Proto.ConnectRequest? TakeMessage(bool isFirst, long now)
    {
        ToStage = null;
        if (!isFirst && !HasMessage)
            return null;
        var message = new Proto.ConnectRequest();
        var any = isFirst;
        if (_outcomeCreditsOwed >= OutcomeCredits / 4)
        {
            message.OutcomeCredits = (uint)_outcomeCreditsOwed;
            _outcomeCreditsOwed = 0;
            any = true;
        }

        if (_tellsToMap)
        {
            message.MapsSegments = true;
            _tellsToMap = false;
            any = true;
        }

        message.CloseSegmentIds.Add(_closes);
        any |= _closes.Count > 0;
        _closes.Clear();
        var submissions = new SubmissionBatches(message);
        var bytes = 0;
        TakeSubmissions(_unsentShort, 0, now, submissions, ref bytes);
        if (ToStage is null)
            TakeSubmissions(_unsent, KeptForShort, now, submissions, ref bytes);
        if (ToStage is null)
            TakeSubmissions(_unsentMapped, KeptForSingle, now, submissions, ref bytes);
        any |= submissions.Count > 0;
        submissions.Seal();

        // A task that fills a message by itself leaves no room for the rest.
        if (bytes > BytesPerMessage)
            return message;
        for (var n = 0; n < WatchesPerMessage && _watches.TryDequeue(out var id); n++)
            message.WatchTaskIds.Add(id);
        for (var n = 0; n < WatchesPerMessage && _unwatches.TryDequeue(out var id); n++)
            message.UnwatchTaskIds.Add(id);
        for (var n = 0; n < SubmissionsPerMessage && _cancels.TryDequeue(out var cancel); n++)
            message.Cancels.Add(cancel);
        any |= message.WatchTaskIds.Count > 0 || message.UnwatchTaskIds.Count > 0 || message.Cancels.Count > 0;
        return any ? message : null;
    }

    /// <summary>Finds submits that were sent at some time or before, and have not been answered.</summary>
    /// <param name="latest">Of the clock: sent then or before, they have had their time.</param>
    /// <param name="overdue">These.</param>
    /// <returns>When the first of the others was sent. Null: there is none, but some may not be sent yet.</returns>
    public long? FindUnanswered(long latest, List<PendingTask> overdue)
    {
        long? first = null;
        foreach (var task in _sent.All)
        {
            if (!task.MustBeAnswered || task.IsAbandoned || task.TaskId != 0)
                continue;
            if (task.SentAt <= latest)
                overdue.Add(task);
            else if (first is null || task.SentAt < first)
                first = task.SentAt;
        }

        return first;
    }

    /// <summary>Submits that are too large to be sent.</summary>
    public List<(PendingTask Task, QueuedException Error)> TakeRefused()
    {
        if (_refused.Count == 0)
            return [];
        (var refused, _refused) = (_refused, new List<(PendingTask Task, QueuedException Error)>());
        return refused;
    }

    /// <param name="tag">Our number.</param>
    /// <param name="taskId">The daemon's. 0: it was refused.</param>
    public PendingTask? Accept(ulong tag, ulong taskId)
    {
        var task = _sent.Find(tag);
        if (task is null)
            return null;
        if (taskId == 0 || task.WithoutOutcome)
            _sent.Remove(tag);
        if (taskId == 0)
        {
            // Refused before the core saw it, perhaps: then nobody says that the segment is free.
            task.Staged?.By.Close(task.Staged.Range);
            return task;
        }

        // From here on the daemon keeps it.
        task.IsNotKept = task.Template is { IsNotKept: true };
        task.ForgetContent();
        task.TaskId = taskId;
        if (task.CancelReason is { } reason)
            AddCancel(task, reason);
        return task;
    }

    public void Finish(Proto.TaskOutcome outcome, List<(PendingTask Task, TaskOutcome Outcome)> finished)
    {
        var end = outcome.ToOutcome();
        if (outcome.Tag != 0)
        {
            if (FinishSubmitted(outcome.Tag) is { } task)
                finished.Add((task, end));
            return;
        }

        _outcomeCreditsOwed++;
        foreach (var watcher in TakeWatchers(outcome.TaskId))
            finished.Add((watcher, end));
    }

    /// <summary>Those that succeeded, and whose results are here.</summary>
    public void Finish(Proto.OutcomeBatch batch, List<(PendingTask Task, TaskOutcome Outcome)> finished)
    {
        var offset = 0;
        for (var n = 0; n < batch.Tags.Count; n++)
        {
            var result = batch.Results.Take(n, ref offset);
            if (FinishSubmitted(batch.Tags[n]) is not { } task)
                continue;

            // One result that is kept must not keep the bytes of all.
            finished.Add((task, new TaskOutcome
            {
                Id = new TaskId(task.TaskId),
                State = TaskState.Succeeded,
                Result = new TaskPayload(
                    batch.Tags.Count == 1 ? result : result.ToArray(), batch.Results.ContentType),
                Attempt = (int)batch.Attempts[n],
                WorkerId = batch.WorkerId,
            }));
        }
    }

    /// <summary>Whoever waits for it reads its result where that is, and then leaves it.</summary>
    public bool IsReadInPlace(ulong tag) => tag != 0 && _sent.Find(tag) is { IsReadInPlace: true };

    public IReadOnlyList<PendingTask> TakeWatchers(ulong taskId) =>
        _watched.Remove(taskId, out var watchers) ? watchers : [];

    private PendingTask? FinishSubmitted(ulong tag)
    {
        _outcomeCreditsOwed++;
        if (_sent.Find(tag) is not { } task)
            return null;
        _sent.Remove(tag);
        return task;
    }

    private void AddCancel(PendingTask task, string reason) =>
        _cancels.Enqueue(new Proto.CancelTaskRequest { TaskId = task.TaskId, Reason = reason });

    private void TakeSubmissions(
        Queue<PendingTask> unsent, long creditsKept, long now, SubmissionBatches submissions, ref int bytes)
    {
        while (_submitCredits > creditsKept && submissions.Count < SubmissionsPerMessage
            && unsent.TryPeek(out var task))
        {
            // Of an earlier stream, whose segments have gone with it.
            if (task.Staged is { } staged && staged.By != _large)
                task.Staged = null;
            if (task.IsAbandoned)
            {
                task.Staged?.By.Close(task.Staged.Range);
                unsent.Dequeue();
                continue;
            }

            if (_large is not null && task.Staged is null && LargePayloads.IsLarge(task))
            {
                ToStage = task;
                return;
            }

            if (_limits.Check(task) is { } error)
            {
                unsent.Dequeue();
                _refused.Add((task, error));
                continue;
            }

            if (bytes > 0 && bytes + task.BytesInMessage > BytesPerMessage)
                break;
            bytes += task.BytesInMessage;
            unsent.Dequeue();
            _submitCredits--;
            task.Tag = _sent.Add(task);
            task.SentAt = now;
            submissions.Add(task);
        }
    }
}
