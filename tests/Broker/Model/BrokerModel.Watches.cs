namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    /// <summary>Who must hear of an end in this turn.</summary>
    private readonly List<(SessionId Session, TaskId Task, ulong Tag)> _finished = [];

    private void Watch(Command.WatchTasks watch)
    {
        if (_reply is not Response.Watched watched)
        {
            Fail($"A watch was answered with {_reply}.");
            return;
        }

        foreach (var id in watch.Tasks)
        {
            var refusal = WatchRefusal(watch.Session, id, 0);
            RejectionReason? actual = null;
            foreach (var (task, rejection) in watched.Refused)
            {
                if (task == id) actual = rejection.Reason;
            }

            Require(
                actual == refusal,
                $"Watching {id} gave {actual?.ToString() ?? "yes"}, not {refusal?.ToString() ?? "yes"}.");
            if (refusal is null) Listen(watch.Session, id, 0, watch.EveryChange);
        }
    }

    private RejectionReason? WatchRefusal(SessionId session, TaskId id, ulong tag)
    {
        if (Find(id) is not { } task) return RejectionReason.TaskNotFound;
        if (task.State.IsFinal()) return null;
        if (task.Watchers.Exists(watcher => watcher.Session == session && watcher.Tag == tag)) return null;
        if (task.Watchers.Count >= limits.WatchersPerTaskMax) return RejectionReason.LimitReached;
        if (task.Watchers.Exists(watcher => watcher.Session == session)) return null;
        var watches = _tasks.Count(other => other.Watchers.Exists(watcher => watcher.Session == session));
        return watches >= limits.WatchesPerSessionMax ? RejectionReason.LimitReached : null;
    }

    private void Listen(SessionId session, TaskId id, ulong tag, bool everyChange = false)
    {
        if (Find(id) is not { } task) return;
        if (task.State.IsFinal())
        {
            Expect(session, id, tag);
            return;
        }

        task.Watchers.RemoveAll(watcher => watcher.Session == session && watcher.Tag == tag);
        task.Watchers.Add((session, tag, everyChange));
    }

    private void Unwatch(Command.UnwatchTasks unwatch)
    {
        foreach (var id in unwatch.Tasks)
            Find(id)?.Watchers.RemoveAll(watcher => watcher.Session == unwatch.Session && watcher.Tag == 0);
    }

    private void EndSession(SessionId session)
    {
        foreach (var task in _tasks)
        {
            task.Watchers.RemoveAll(watcher => watcher.Session == session);
            if (task.Submitter == session) task.Submitter = default;
        }
    }

    /// <summary>Its submitter and its watchers hear of it, each once under each of its tags.</summary>
    private void TellOfEnd(ModelTask task)
    {
        if (!task.Submitter.IsNone) Expect(task.Submitter, task.Id, task.SubmitterTag);
        foreach (var (session, tag, _) in task.Watchers) Expect(session, task.Id, tag);

        task.Watchers.Clear();
        task.Submitter = default;
    }

    private void Expect(SessionId session, TaskId task, ulong tag) => _finished.Add((session, task, tag));

    private void CheckFinished()
    {
        foreach (var effect in _effects)
        {
            if (effect is not Effect.TaskFinished finished) continue;
            Require(
                _finished.Remove((finished.Session, finished.Outcome.Id, finished.Tag)),
                $"{finished.Session} heard of the end of {finished.Outcome.Id}, which it should not (again).");
            if (Find(finished.Outcome.Id) is not { } task) continue;
            Require(
                finished.Outcome.State == task.State && finished.Outcome.Failure?.Kind == task.Failure,
                $"{task.Id} was told as {finished.Outcome.State} {finished.Outcome.Failure?.Kind}, " +
                $"it is {task.State} {task.Failure}.");
            Require(
                task.State != TaskState.Succeeded || finished.Outcome.Result?.Length == task.ResultBytes,
                $"{task.Id} was told with another result than its worker gave.");
        }

        if (_finished.Count > 0) Fail($"{_finished[0].Session} did not hear of the end of {_finished[0].Task}.");
    }
}
