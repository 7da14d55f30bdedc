namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// Tasks whose payloads and results are in segments. The memory is simulated too: each writer puts a number of its own
/// into its segment before it sends it, and whoever reads must find that number, however many others have written,
/// died, retried and forgotten meanwhile. When everything has ended nothing is left.
/// </summary>
internal sealed class PayloadWorld
{
    private const ulong First = 100;
    private const int Bytes = 10;

    private static readonly DateTimeOffset WallStart = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SimRandom _random;
    private readonly BrokerCore _core;
    private readonly List<Effect> _effects = [];
    private readonly Queue<Action> _later = new();
    private readonly Dictionary<SegmentId, ulong> _memory = [];
    private readonly List<Peer> _clients = [];
    private readonly List<Peer> _workers = [];
    private readonly List<(Peer Worker, AttemptId Attempt, SegmentId? Mapped)> _running = [];
    private readonly List<TaskId> _tasks = [];
    private readonly Dictionary<TaskId, ulong> _payloads = [];
    private readonly Dictionary<AttemptId, ulong> _sentResults = [];
    private TimeSpan _elapsed;
    private long _requests;
    private long _sessions;
    private ulong _contents;

    public PayloadWorld(ulong seed, Mutant mutant)
    {
        _random = new SimRandom(seed);
        _core = new BrokerCore(new BrokerLimits { FinishedTasksMax = 20 }, seed, new TaskId(First)) { Mutant = mutant };
        Apply(new Command.DeclareQueue(default, "kept", new QueueSettings { Durability = Durability.Fsync }));
    }

    private Now Now => new(new Instant(0) + _elapsed, WallStart + _elapsed);

    public void Run(int events)
    {
        for (var n = 0; n < events; n++)
        {
            Let(_random.Milliseconds(1, 400));
            if (_later.Count > 0 && _random.Chance(0.5)) _later.Dequeue()();
            else Act();
        }

        while (_later.TryDequeue(out var late)) late();
        foreach (var peer in _clients.Concat(_workers).ToList()) End(peer);
        while (_later.TryDequeue(out var late)) late();
        // What has died for good stays with its queue until somebody wants it again.
        foreach (var queue in (string[])["default", "kept"])
        {
            var again = Ask(id => new Command.RequeueDead(id, queue, []));
            foreach (var task in (again as Response.Requeued)?.Tasks ?? []) _tasks.Add(task);
        }

        foreach (var task in _tasks) Apply(new Command.CancelTask(default, task, "", null));
        Let(TimeSpan.FromDays(400));
        while (_later.TryDequeue(out var late))
        {
            late();
            // What waited for the store goes on.
            Let(TimeSpan.FromSeconds(1));
        }

        Require(_memory.Count == 0, "Segments are left when nobody is there any more.");
        _core.VerifyAll();
    }

    private void Act()
    {
        switch (_random.Below(12))
        {
            case 0 when _clients.Count < 4: _clients.Add(Open(isWorker: false)); break;
            case 1 when _workers.Count < 3: _workers.Add(Open(isWorker: true)); break;
            case 2 or 3 or 4 when _clients.Count > 0: Submit(_random.Pick(_clients)); break;
            case 5 or 6 or 7 when _running.Count > 0: Settle(_random.Below(_running.Count)); break;
            case 8 when _tasks.Count > 0: Look(_random.Pick(_tasks)); break;
            case 9 when _tasks.Count > 0 && _random.Chance(0.3):
                Apply(new Command.CancelTask(default, _random.Pick(_tasks), "", null));
                break;
            case 10 when _clients.Count > 0 && _random.Chance(0.2): End(_random.Pick(_clients)); break;
            case 11 when _workers.Count > 0 && _random.Chance(0.2): End(_random.Pick(_workers)); break;
        }
    }

    private Peer Open(bool isWorker)
    {
        var peer = new Peer(new SessionId(++_sessions), _random.Chance(0.7));
        Apply(new Command.OpenSession(peer.Session, ""));
        if (!isWorker)
        {
            if (peer.Maps) Apply(new Command.MapSegments(peer.Session));
            return peer;
        }

        var hello = new WorkerHello { Queues = ["default", "kept"], Slots = 2 };
        peer.Worker = ((Response.Welcomed)Ask(id => new Command.ConnectWorker(id, null, hello))!).Worker;
        _workers.Add(peer);
        Apply(new Command.WorkerReport(peer.Worker) { Credits = 2, MapsSegments = peer.Maps });
        _workers.Remove(peer);
        return peer;
    }

    private void End(Peer peer)
    {
        _clients.Remove(peer);
        if (_workers.Remove(peer))
        {
            _running.RemoveAll(running => running.Worker == peer);
            Apply(new Command.WorkerDisconnected(peer.Worker));
        }

        Apply(new Command.EndSession(peer.Session));
    }

    /// <summary>A segment of its own with a new number in it; one that was freed, or another.</summary>
    private (TaskPayload Payload, ulong Content) Write(Peer peer)
    {
        if (!peer.Free.TryDequeue(out var id))
        {
            var request = new RequestId(++_requests);
            Apply(new Command.CreateSegment(request, peer.Session, "", Bytes));
            id = ((Effect.CreateSegment)_effects.Single(effect => effect is Effect.CreateSegment)).Id;
            _memory.Add(id, 0);
            Apply(new Command.SegmentReady(id, null));
        }

        _memory[id] = ++_contents;
        return (TaskPayload.InSegment(new SegmentRange(id, 0, Bytes, _contents), ""), _contents);
    }

    private void Submit(Peer client)
    {
        var (payload, content) = Write(client);
        var task = new TaskSubmission
        {
            Handler = "h",
            Queue = _random.Chance(0.3) ? "kept" : _random.Chance(0.05) ? "none" : "default",
            Payload = payload,
            WantsOutcome = true,
            ResultTtl = _random.Chance(0.5) ? TimeSpan.Zero : _random.Milliseconds(1, 10_000),
            Retry = new RetrySettings { MaxAttempts = 2, InitialBackoff = TimeSpan.FromMilliseconds(100) },
        };
        var request = new RequestId(++_requests);
        // Its number is known before anything of it is heard.
        Apply(new Command.SubmitTasks(request, client.Session, [task]), effects =>
        {
            var reply = effects.OfType<Effect.Reply>().First(effect => effect.Request == request);
            var result = ((Response.Submitted)reply.Response).Results.Single();
            if (result.Rejection is not null) return;
            _tasks.Add(result.Id);
            _payloads.Add(result.Id, content);
        });
    }

    private void Settle(int index)
    {
        var (worker, attempt, mapped) = _running[index];
        _running.RemoveAt(index);
        if (mapped is { } segment && Runs(attempt))
            Require(_memory.GetValueOrDefault(segment) == _payloads[attempt.Task], "A payload was written over.");
        if (_random.Chance(0.3))
        {
            var failure = new TaskFailure(FailureKind.Error, "no");
            Apply(new Command.WorkerReport(worker.Worker)
            {
                Credits = 1,
                Settlements = [new Settlement.Failed(attempt, failure)],
            });
            return;
        }

        var (payload, result) = Write(worker);
        _sentResults[attempt] = result;
        Apply(new Command.WorkerReport(worker.Worker)
        {
            Credits = 1,
            Settlements = [new Settlement.Succeeded(attempt, payload)],
        });
    }

    private bool Runs(AttemptId attempt) =>
        Ask(id => new Command.GetTask(id, attempt.Task, WithPayload: false)) is Response.OneTask
        {
            Task: { State: TaskState.Running, CancelRequested: false } task,
        } && task.Attempt == attempt.Attempt;

    private void Look(TaskId task) => Ask(id => new Command.GetTask(id, task, WithPayload: true));

    private Response? Ask(Func<RequestId, Command> command)
    {
        var request = new RequestId(++_requests);
        Apply(command(request));
        return _effects.OfType<Effect.Reply>().FirstOrDefault(reply => reply.Request == request)?.Response;
    }

    private void Let(TimeSpan time)
    {
        var end = _elapsed + time;
        while (_core.NextDeadline(Now) is var due && due <= new Instant(0) + end)
        {
            _elapsed = TimeSpan.FromTicks(Math.Max(_elapsed.Ticks, due.Ticks));
            _effects.Clear();
            _core.Advance(Now, _effects);
            CarryOut([.. _effects]);
        }

        _elapsed = end;
    }

    private void Apply(Command command, Action<List<Effect>>? first = null)
    {
        _effects.Clear();
        _core.Apply(command, Now, _effects);
        first?.Invoke(_effects);
        var effects = _effects.ToList();
        CarryOut(effects);
        _effects.Clear();
        _effects.AddRange(effects);
        _core.VerifyAll();
    }

    private void CarryOut(List<Effect> effects)
    {
        foreach (var effect in effects)
        {
            // Some time later the daemon has read what had to be read, and finds what was there when it was said.
            foreach (var id in SegmentReads.Of(effect))
            {
                var content = _memory[id];
                _later.Enqueue(() =>
                {
                    Require(_memory.GetValueOrDefault(id) == content, "What is to be read was written over.");
                    Apply(new Command.SegmentRead(id));
                });
            }

            switch (effect)
            {
                case Effect.Assign assign: Begin(assign); break;
                case Effect.AwaitStore: _later.Enqueue(() => Apply(new Command.StoreReached())); break;
                case Effect.TaskFinished { Outcome.Result: { } result } finished: Told(finished, result); break;
                case Effect.DisconnectWorker gone:
                    var lost = _workers.Find(peer => peer.Worker == gone.Worker);
                    if (lost is not null) _later.Enqueue(() => End(lost));
                    break;
                case Effect.SegmentFree free:
                    var owner = _clients.Concat(_workers).FirstOrDefault(peer => peer.Session == free.Session);
                    Require(owner?.Free.Contains(free.Id) != true, "A segment is freed twice.");
                    owner?.Free.Enqueue(free.Id);
                    break;
                case Effect.RemoveSegment remove:
                    Require(_memory.Remove(remove.Id), "A segment is removed twice.");
                    break;
            }
        }
    }

    private void Begin(Effect.Assign assign)
    {
        var worker = _workers.Single(peer => peer.Worker == assign.Worker);
        var payload = assign.Assignment.Payload;
        Require(payload.IsStored || payload.IsToBeRead != worker.Maps, "It is given what it cannot read.");
        var task = assign.Assignment.Attempt.Task;
        if (payload.Range is { } range && _payloads.TryGetValue(task, out var content))
            Require(_memory[range.Segment] == content, "A payload is another's.");
        // One that maps reads when it likes: it is looked at again at the end of the attempt.
        _running.Add((worker, assign.Assignment.Attempt, payload.IsToBeRead ? null : payload.Range?.Segment));
    }

    private void Told(Effect.TaskFinished finished, TaskPayload result)
    {
        if (result.Range is not { } range) return;
        var content = _memory[range.Segment];
        var attempt = new AttemptId(finished.Outcome.Id, finished.Outcome.Attempt);
        Require(content == _sentResults[attempt], "A result is another's.");
        if (result.IsToBeRead) return;
        _later.Enqueue(() =>
        {
            Require(_memory.GetValueOrDefault(range.Segment) == content, "A result was written over before it " +
                "was read.");
            Apply(new Command.CloseSegment(default, finished.Session, range.Segment));
        });
    }

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo) throw new SimulationFailedException(otherwise);
    }

    private sealed class Peer(SessionId session, bool maps)
    {
        public SessionId Session { get; } = session;

        public bool Maps { get; } = maps;

        public WorkerId Worker { get; set; }

        /// <summary>Segments of its own that the daemon said it may write.</summary>
        public Queue<SegmentId> Free { get; } = new();
    }
}
