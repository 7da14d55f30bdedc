namespace Queued.Broker.Tests.Model;

/// <summary>Those that wait for the first of several queues.</summary>
internal sealed partial class MessageModel
{
    private readonly List<ModelQueueWatch> _watches = [];

    public void WaitAny(Command.WaitAny any)
    {
        var names = any.Targets.Select(target => ((WaitTarget.Queue)target).Name).ToArray();
        if (!names.All(Queues.ContainsKey)) Answer(any.Request, Word(RejectionReason.QueueNotFound));
        else if (any.Wait == TimeSpan.Zero) Answer(any.Request, ReadyOf(names) ?? "ready none");
        else _watches.Add(new ModelQueueWatch(any.Request, any.Session, names, Now + any.Wait));
    }

    /// <summary>When nothing else moves: what is left decides.</summary>
    private void TellWatches()
    {
        foreach (var watch in _watches.ToArray())
        {
            if (ReadyOf(watch.Names) is not { } ready) continue;
            _watches.Remove(watch);
            Answer(watch.Request, ready);
        }
    }

    private void RefuseWatches(Predicate<ModelQueueWatch> which, string answer)
    {
        foreach (var watch in _watches.FindAll(which)) Answer(watch.Request, answer);
        _watches.RemoveAll(which);
    }

    /// <summary>Null: none of them is.</summary>
    private string? ReadyOf(string[] names)
    {
        var ready = Enumerable.Range(0, names.Length)
            .Where(at => Queues[names[at]] is { CanGive: true } or { IsDrained: true }).ToArray();
        return ready.Length == 0 ? null : $"ready {string.Join(' ', ready)}";
    }
}

internal sealed record ModelQueueWatch(RequestId Request, SessionId Session, string[] Names, Instant Until);
