using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Edge;

/// <summary>Waits for the outcome of one task.</summary>
internal sealed class OutcomeWait : ITaskListener
{
    private readonly TaskCompletionSource<TaskOutcome> _outcome = new(
        TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TaskOutcome> Outcome => _outcome.Task;

    public void Finished(Effect.TaskFinished finished) => _outcome.TrySetResult(finished.Outcome);
}

/// <summary>
/// Collects the tasks that end, as they are at their end: one that is not kept cannot be read afterwards.
/// </summary>
internal sealed class EndedTasks(int needed) : ITaskListener
{
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<TaskId, TaskView> _latest = [];
    private readonly List<TaskView> _ended = [];
    private readonly HashSet<TaskId> _endedIds = [];
    private readonly Lock _gate = new();

    /// <summary>Completes when as many as needed have ended.</summary>
    public Task Enough => _enough.Task;

    public void Finished(Effect.TaskFinished finished)
    {
        var outcome = finished.Outcome;
        lock (_gate)
        {
            // The last change may come before or after the outcome; without it, the outcome tells the rest.
            if (_latest.TryGetValue(outcome.Id, out var view) && !view.State.IsFinal())
            {
                Add(view with
                {
                    State = outcome.State,
                    Result = outcome.Result,
                    Failure = outcome.Failure,
                    Attempt = outcome.Attempt,
                });
            }
        }
    }

    public void Changed(TaskView task)
    {
        lock (_gate)
        {
            if (task.State.IsFinal()) Add(task);
            else _latest[task.Id] = task;
        }
    }

    /// <summary>In the order of their ends.</summary>
    public IReadOnlyList<TaskView> Take()
    {
        lock (_gate) return [.. _ended];
    }

    /// <summary>The task as it was last seen.</summary>
    public TaskView? Latest(TaskId task)
    {
        lock (_gate) return _ended.Find(ended => ended.Id == task) ?? _latest.GetValueOrDefault(task);
    }

    private void Add(TaskView task)
    {
        if (!_endedIds.Add(task.Id)) return;
        _latest.Remove(task.Id);
        _ended.Add(task);
        if (_ended.Count == needed) _enough.TrySetResult();
    }
}

/// <summary>The latest view of one task. A slow reader sees fewer of them, never an old one.</summary>
internal sealed class LatestView : ITaskListener
{
    private readonly Signal _changed = new();
    private TaskView? _latest;

    public void Finished(Effect.TaskFinished finished)
    {
        // The last change says the same, and more.
    }

    public void Changed(TaskView task)
    {
        Interlocked.Exchange(ref _latest, task);
        _changed.Set();
    }

    public async ValueTask<TaskView> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _changed.WaitAsync(cancellationToken);
            if (Interlocked.Exchange(ref _latest, null) is { } view) return view;
        }
    }
}
