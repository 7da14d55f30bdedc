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
                Refuse(any.Request, missing! with { Field = $"targets[{at}].{missing.Field}" });
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
                var task = _tasks.Find(one.Id);
                missing = task is null ? Rejections.TaskNotFound(one.Id) : null;
                return task;
            case WaitTarget.Queue one:
                missing = TryFindQueue(one.Name, out _, out var none) ? Rejections.NoMessageQueue(one.Name) : none;
                return null;
            case WaitTarget.Event one:
                missing = Rejections.EventNotFound(one.Name);
                return null;
            default:
                throw new NotSupportedException(target.GetType().Name);
        }
    }
}
