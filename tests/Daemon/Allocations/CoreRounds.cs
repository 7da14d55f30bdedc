using Queued.Broker;

namespace Queued.Daemon.Tests.Allocations;

/// <summary>
/// Tasks of one session that one worker runs, as many in each round: submitted, given out, ended and forgotten.
/// </summary>
internal sealed class CoreRounds
{
    private const string Queue = "q";

    private static readonly SessionId Session = new(1);

    private readonly BrokerCore _core = new(new BrokerLimits(), seed: 1, new TaskId(1));
    private readonly List<Effect> _effects = [];
    private readonly Command _submit;
    private readonly WorkerId _worker;
    private readonly int _tasks;
    private long _ticks;
    private long _allocated;

    public CoreRounds(Durability durability, int tasks)
    {
        _tasks = tasks;
        var terms = new TaskTerms { Handler = "echo", Queue = Queue, ResultTtl = TimeSpan.Zero };
        _submit = new Command.SubmitTasks(new RequestId(1), Session, [.. Enumerable.Range(1, tasks).Select(tag =>
            new TaskSubmission(terms)
            {
                Tag = (ulong)tag,
                WantsOutcome = true,
                Payload = new TaskPayload(new byte[64], "text/plain"),
            })]);
        Take(new Command.DeclareQueue(new RequestId(1), Queue, new QueueSettings { Durability = durability }));
        Take(new Command.OpenSession(Session, "a client"));
        Take(new Command.ConnectWorker(new RequestId(1), null, new WorkerHello { Queues = [Queue], Slots = 8 }));
        _worker = _effects.OfType<Effect.Reply>().Select(reply => reply.Response).OfType<Response.Welcomed>()
            .Single().Worker;
        Take(new Command.WorkerReport(_worker) { Credits = tasks });
    }

    /// <returns>How many bytes the core allocated.</returns>
    public long Run()
    {
        _allocated = 0;
        Take(_submit);
        var settlements = new Settlement[_tasks];
        var given = 0;
        foreach (var effect in _effects)
        {
            if (effect is Effect.Assign { Assignment: var assignment })
                settlements[given++] = new Settlement.Succeeded(assignment.Attempt, assignment.Payload);
        }

        Assert.Equal(_tasks, given);
        Take(new Command.WorkerReport(_worker) { Credits = _tasks, Settlements = settlements });
        Assert.Equal(_tasks, _effects.Count(effect => effect is Effect.TaskFinished));
        if (_effects.Exists(effect => effect is Effect.AwaitStore)) Take(new Command.StoreReached());
        return _allocated;
    }

    private void Take(Command command)
    {
        _effects.Clear();
        var now = new Now(new Instant(++_ticks), DateTimeOffset.UnixEpoch.AddTicks(_ticks));
        var before = GC.GetAllocatedBytesForCurrentThread();
        _core.Advance(now, _effects);
        _core.Apply(command, now, _effects);
        _allocated += GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
