namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void SubmittedBy(SessionId session, TaskEntry task)
    {
        if (task.State.IsFinal()) return;
        SessionOf(session);
        task.Session = session;
    }

    private void Watch(Command.WatchTasks watch)
    {
        List<(TaskId, Rejection)>? refused = null;
        foreach (var id in watch.Tasks)
        {
            if (RefuseWatch(watch.Session, id, 0, out var task) is { } rejection) (refused ??= []).Add((id, rejection));
            else Hear(watch.Session, task!, 0, watch.EveryChange);
        }

        Reply(watch.Request, new Response.Watched((IReadOnlyList<(TaskId, Rejection)>?)refused ?? []));
    }

    private Rejection? RefuseWatch(SessionId session, TaskId id, ulong tag, out TaskEntry? task)
    {
        task = _tasks.Find(id);
        if (task is null or { IsMessage: true }) return Rejections.TaskNotFound(id);
        if (task.State.IsFinal() || IndexOf(task.Watchers, session, tag) >= 0) return null;
        if (task.Watchers?.Count >= _limits.WatchersPerTaskMax)
            return Rejections.Limit(
                nameof(BrokerLimits.WatchersPerTaskMax), _limits.WatchersPerTaskMax, "watchers of one task");
        return _sessions.TryGetValue(session, out var entry) && !entry.Watched.Contains(task) &&
            entry.Watched.Count >= _limits.WatchesPerSessionMax
            ? Rejections.Limit(nameof(BrokerLimits.WatchesPerSessionMax), _limits.WatchesPerSessionMax,
                "tasks that one session watches")
            : null;
    }

    /// <summary>
    /// The session hears of the task's end, once under each of its tags; at once where it has ended.
    /// </summary>
    private void Hear(SessionId session, TaskEntry task, ulong tag, bool everyChange)
    {
        if (everyChange) Emit(new Effect.TaskChanged(session, ViewOf(task, withPayload: false)));
        if (task.State.IsFinal())
        {
            TellEnd(session, tag, OutcomeOf(task));
            return;
        }

        task.Watchers ??= [];
        var index = IndexOf(task.Watchers, session, tag);
        if (index >= 0) task.Watchers[index] = new Watcher(session, tag, everyChange);
        else task.Watchers.Add(new Watcher(session, tag, everyChange));
        SessionOf(session).Watched.Add(task);
    }

    private void Unwatch(Command.UnwatchTasks unwatch)
    {
        if (!_sessions.TryGetValue(unwatch.Session, out var session)) return;
        foreach (var id in unwatch.Tasks)
        {
            if (_tasks.Find(id) is not { } task || IndexOf(task.Watchers, session.Id, 0) is not (>= 0 and var index))
                continue;
            task.Watchers!.RemoveAt(index);
            // It may have submitted the task again: that is another matter.
            if (!task.Watchers.Exists(watcher => watcher.Session == session.Id)) session.Watched.Remove(task);
        }
    }

    private void TellEnd(TaskEntry task, WorkerId? worker)
    {
        var outcome = OutcomeOf(task, worker);
        TellChange(task);
        // A session that has ended hears of nothing more, and its number does not come again.
        if (!task.Session.IsNone && _sessions.ContainsKey(task.Session))
        {
            TellEnd(task.Session, task.Tag, outcome);
            if (Mutant == Mutant.TellTwice) TellEnd(task.Session, task.Tag, outcome);
        }

        if (task.Watchers is { } watchers)
        {
            foreach (var watcher in watchers)
            {
                _sessions[watcher.Session].Watched.Remove(task);
                TellEnd(watcher.Session, watcher.Tag, outcome);
            }
        }

        task.Session = default;
        task.Watchers = null;
        _readiness.BecameReady(task);
    }

    private static int IndexOf(List<Watcher>? watchers, SessionId session, ulong tag) =>
        watchers?.FindIndex(watcher => watcher.Session == session && watcher.Tag == tag) ?? -1;

    private void TellChange(TaskEntry task)
    {
        if (task.Watchers is null) return;
        TaskView? view = null;
        foreach (var watcher in task.Watchers)
        {
            if (watcher.EveryChange)
                Emit(new Effect.TaskChanged(watcher.Session, view ??= ViewOf(task, withPayload: false)));
        }
    }
}
