namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void WaitAny(Command.WaitAny any)
    {
        if (!TryFindSession(any.Session, out var session, out var missing))
        {
            Refuse(any.Request, missing);
            return;
        }

        if (any.Targets.Count < 1 || any.Targets.Count > _limits.WaitTargetsMax)
        {
            Refuse(any.Request, Rejections.Invalid(
                "targets",
                $"There are 1 to {_limits.WaitTargetsMax} targets; these are {any.Targets.Count}.") with
            {
                Resource = nameof(BrokerLimits.WaitTargetsMax),
            });
            return;
        }

        var sources = new IReadySource[any.Targets.Count];
        for (var at = 0; at < sources.Length; at++)
        {
            var source = FindSource(session, any.Targets[at], out missing);
            if (source is null)
            {
                var path = missing!.Field is { } field ? $"targets[{at}].{field}" : $"targets[{at}]";
                Refuse(any.Request, missing with { Field = path });
                return;
            }

            sources[at] = source;
        }

        _readiness.Watch(any.Request, session, sources, any.Wait);
    }

    private IReadySource? FindSource(SessionEntry session, WaitTarget target, out Rejection? missing)
    {
        switch (target)
        {
            case WaitTarget.PipeEnd pipe:
                return _pipes.FindSource(session, pipe.End, out missing);
            case WaitTarget.Task one:
                var task = _tasks.Find(one.Id) is { IsMessage: false } found ? found : null;
                missing = task is null ? Rejections.TaskNotFound(one.Id) : null;
                return task;
            case WaitTarget.Queue one:
                missing = !TryFindQueue(one.Name, out var queue, out var none) ? none
                    : queue.Messages is null ? Rejections.NoMessageQueue(one.Name)
                    : _isShuttingDown ? Rejections.DaemonDraining()
                    : null;
                return missing is null ? queue!.Messages : null;
            case WaitTarget.Event one:
                return _states.FindEvent(session, one.Name, out missing);
            default:
                throw new NotSupportedException(target.GetType().Name);
        }
    }
}
