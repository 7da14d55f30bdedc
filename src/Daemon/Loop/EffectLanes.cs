using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// Keeps what is said to one worker, or to one session, in its order while a payload is read from the store. Others do
/// not wait for it, and where nothing is read nothing waits at all.
/// </summary>
internal sealed class EffectLanes(Action<Effect> carryOut, Func<Effect, Task<Effect?>> read)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Lane, Tail> _lanes = [];

    // Read without the lock: only whoever runs effects adds, and effects are run by one at a time.
    private volatile bool _hasLanes;

    private enum Whose : byte
    {
        Nobody,
        Worker,
        Session,
        Request,
    }

    public void Run(Effect effect)
    {
        var needsRead = StoredPayloads.AreIn(effect);
        if (!needsRead && !_hasLanes)
        {
            carryOut(effect);
            return;
        }

        var lane = LaneOf(effect);
        lock (_gate)
        {
            var isBusy = _lanes.TryGetValue(lane, out var tail);
            if (lane.Whose != Whose.Nobody && (needsRead || isBusy))
            {
                if (tail is null) _lanes.Add(lane, tail = new Tail());
                _hasLanes = true;
                tail.Count++;
                var reading = needsRead ? read(effect) : Task.FromResult<Effect?>(effect);
                tail.Latest = FollowAsync(lane, tail, tail.Latest, reading);
                return;
            }
        }

        carryOut(effect);
    }

    /// <summary>Completes when nothing is read any more.</summary>
    public Task DrainAsync()
    {
        lock (_gate) return Task.WhenAll(_lanes.Values.Select(tail => tail.Latest));
    }

    private async Task FollowAsync(Lane lane, Tail tail, Task earlier, Task<Effect?> reading)
    {
        await earlier;
        // Null: it was told to somebody else, because it could not be read.
        if (await reading is { } effect) carryOut(effect);
        lock (_gate)
        {
            if (--tail.Count > 0) return;
            _lanes.Remove(lane);
            _hasLanes = _lanes.Count > 0;
        }
    }

    private static Lane LaneOf(Effect effect) => effect switch
    {
        Effect.Assign assign => Of(assign.Worker),
        Effect.CancelAttempt cancel => Of(cancel.Worker),
        Effect.RefuseAttempt refuse => Of(refuse.Worker),
        Effect.DrainWorker drain => Of(drain.Worker),
        Effect.DisconnectWorker disconnect => Of(disconnect.Worker),
        Effect.StartExec exec => Of(exec.Worker),
        Effect.TerminateWorker terminate => Of(terminate.Worker),
        Effect.KillWorker kill => Of(kill.Worker),
        Effect.AttemptEnded ended => Of(ended.Report.Worker),
        Effect.WorkerEnded ended => Of(ended.Worker),
        Effect.TaskFinished finished => new Lane(Whose.Session, (ulong)finished.Session.Value),
        Effect.TaskChanged changed => new Lane(Whose.Session, (ulong)changed.Session.Value),
        Effect.Reply reply => new Lane(Whose.Request, (ulong)reply.Request.Value),
        _ => default,
    };

    private static Lane Of(WorkerId worker) => new(Whose.Worker, worker.Value);

    private readonly record struct Lane(Whose Whose, ulong Number);

    private sealed class Tail
    {
        public Task Latest { get; set; } = Task.CompletedTask;

        public int Count { get; set; }
    }
}
