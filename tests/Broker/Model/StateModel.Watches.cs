namespace Queued.Broker.Tests.Model;

/// <summary>Those that wait for the first of several events.</summary>
internal sealed partial class StateModel
{
    public void WaitAny(Command.WaitAny command)
    {
        var request = command.Request.Value;
        if (!_uses.TryGetValue(command.Session.Value, out var uses))
        {
            Answers.Add((request, "rejected SESSION_NOT_FOUND"));
            return;
        }

        var watched = new List<ModelState>();
        foreach (var target in command.Targets)
        {
            var name = ((WaitTarget.Event)target).Name;
            var isFound = _states.TryGetValue(name, out var state) && (state.Keep || uses.Contains(name));
            if (!isFound || state!.Settings.Kind != StateKind.Event)
            {
                Answers.Add((request, isFound ? "rejected WRONG_KIND" : "rejected STATE_NOT_FOUND"));
                return;
            }

            watched.Add(state);
        }

        var wait = new ModelWait
        {
            Request = request,
            Session = command.Session.Value,
            State = watched[0],
            Watched = watched,
        };
        if (watched.Exists(state => state.IsSet)) Answers.Add((request, ReadyOf(wait)));
        else if (command.Wait == TimeSpan.Zero) Answers.Add((request, "ready none"));
        else Begin(wait, command.Wait);
    }

    private void TellWatches(ModelState state)
    {
        foreach (var wait in Watching(state)) Finish(wait, ReadyOf(wait));
    }

    private ModelWait[] Watching(ModelState state) =>
        _waits.Where(wait => wait.Watched?.Contains(state) == true).ToArray();

    private static string ReadyOf(ModelWait wait)
    {
        var ready = Enumerable.Range(0, wait.Watched!.Count).Where(at => wait.Watched[at].IsSet);
        return $"ready {string.Join(' ', ready)}";
    }
}
