namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    /// <summary>Who must hear of an end in this turn.</summary>
    private readonly List<(SessionId Session, TaskId Task)> _finished = [];

    private void Watch(Command.WatchTasks watch)
    {
        if (_reply is not Response.Watched watched)
        {
            Fail($"A watch was answered with {_reply}.");
            return;
        }

        foreach (var id in watch.Tasks)
        {
            var refusal = WatchRefusal(watch.Session, id);
            RejectionReason? actual = null;
            foreach (var (task, rejection) in watched.Refused)
            {
                if (task == id) actual = rejection.Reason;
            }

            Require(
                actual == refusal,
                $"Watching {id} gave {actual?.ToString() ?? "yes"}, not {refusal?.ToString() ?? "yes"}.");
            if (refusal is null) Listen(watch.Session, id, watch.EveryChange);
        }
    }

    private RejectionReason? WatchRefusal(SessionId session, TaskId id)
    {
        if (Find(id) is not { } task) return RejectionReason.TaskNotFound;
        if (task.State.IsFinal() || task.Watchers.Exists(watcher => watcher.Session == session)) return null;
        if (task.Watchers.Count >= limits.WatchersPerTaskMax) return RejectionReason.LimitReached;
        var watches = _tasks.Sum(other => other.Watchers.Count(watcher => watcher.Session == session));
        return watches >= limits.WatchesPerSessionMax ? RejectionReason.LimitReached : null;
    }

    private void Listen(SessionId session, TaskId id, bool everyChange = false)
    {
        if (Find(id) is not { } task) return;
        if (task.State.IsFinal())
        {
            Expect(session, id);
            return;
        }

        task.Watchers.RemoveAll(watcher => watcher.Session == session);
        task.Watchers.Add((session, everyChange));
    }

    private void Unwatch(Command.UnwatchTasks unwatch)
    {
        foreach (var id in unwatch.Tasks)
            Find(id)?.Watchers.RemoveAll(watcher => watcher.Session == unwatch.Session);
    }

    private void EndSession(SessionId session)
    {
        foreach (var task in _tasks)
        {
            task.Watchers.RemoveAll(watcher => watcher.Session == session);
            if (task.Submitter == session) task.Submitter = default;
        }
    }

    /// <summary>Its submitter and its watchers hear of it, each once.</summary>
    private void TellOfEnd(ModelTask task)
    {
        if (!task.Submitter.IsNone) Expect(task.Submitter, task.Id);
        foreach (var (session, _) in task.Watchers)
        {
            if (session != task.Submitter) Expect(session, task.Id);
        }

        task.Watchers.Clear();
        task.Submitter = default;
    }

    private void Expect(SessionId session, TaskId task) => _finished.Add((session, task));

    private void CheckFinished()
    {
        foreach (var effect in _effects)
        {
            if (effect is not Effect.TaskFinished finished) continue;
            Require(
                _finished.Remove((finished.Session, finished.Outcome.Id)),
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
