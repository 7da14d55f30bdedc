using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Queued.Broker;
using Queued.Daemon.Logs;
using Queued.Daemon.Loop;
using Queued.Daemon.Memory;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Loop;

public sealed class EffectRunnerTests : IAsyncDisposable
{
    private static readonly WorkerId Worker = new(1);
    private static readonly SessionId Session = new(1);

    private readonly HeldStore _store = new();
    private readonly SessionRegistry _sessions = new();
    private readonly WorkerRegistry _workers = new();
    private readonly FakeProcesses _processes = new();
    private readonly SegmentFiles _segments = new(new SegmentOptions(), NullLogger<SegmentFiles>.Instance);
    private readonly List<string> _said = [];
    private readonly EffectRunner _runner;

    public EffectRunnerTests()
    {
        var logs = new TaskLogStore(1024 * 1024, 1024 * 1024, new FakeTimeProvider());
        _runner = new EffectRunner(
            _store, _sessions, _workers, _processes, logs, _segments, new BrokerLoopOptions(), new SilentObserver(),
            NullLogger<EffectRunner>.Instance);
        _sessions.Open(new Listener(_said));
        _workers.Add(new Link(_said));
    }

    [Fact]
    public void Without_changes_everything_is_said_at_once_and_in_order()
    {
        Expect(1);
        _runner.Run([Reply(1), Finished(), Assign()]);

        Assert.Equal(["reply 1", "finished", "assign"], _said);
        Assert.Empty(_store.Appends);
    }

    [Fact]
    public async Task What_follows_a_change_waits_for_the_store_and_assignments_do_not()
    {
        Expect(1);
        Expect(2);
        _runner.Run([Reply(1), Persist(), Reply(2), Finished(), Assign()]);
        Assert.Equal(["reply 1", "assign"], _said);

        _store.Appends[0].SetResult();
        await _runner.CatchUpAsync();
        Assert.Equal(["reply 1", "assign", "reply 2", "finished"], _said);
    }

    [Fact]
    public async Task A_later_turn_does_not_overtake_one_that_waits()
    {
        Expect(1);
        Expect(2);
        _runner.Run([Persist(), Reply(1)]);
        _runner.Run([Reply(2)]);
        Assert.Empty(_said);

        _store.Appends[0].SetResult();
        await _runner.CatchUpAsync();
        Assert.Equal(["reply 1", "reply 2"], _said);
    }

    [Fact]
    public async Task Two_turns_stored_out_of_order_are_told_in_order()
    {
        Expect(1);
        Expect(2);
        _runner.Run([Persist(), Reply(1)]);
        _runner.Run([Persist(), Reply(2)]);
        _store.Appends[1].SetResult();
        Assert.Empty(_said);

        _store.Appends[0].SetResult();
        await _runner.CatchUpAsync();
        Assert.Equal(["reply 1", "reply 2"], _said);
    }

    [Fact]
    public async Task Turns_that_one_flush_confirms_are_told_in_order_and_a_later_one_waits_for_its_own()
    {
        for (var request = 1; request <= 5; request++) Expect(request);
        _runner.Run([Persist(), Reply(1)]);
        _store.IsGrouping = true;
        _runner.Run([Persist(), Reply(2)]);
        _runner.Run([Reply(3)]);
        _store.IsGrouping = false;
        _runner.Run([Persist(), Reply(4)]);
        _runner.Run([Reply(5)]);

        _store.Appends[0].SetResult();
        Assert.Equal(["reply 1", "reply 2", "reply 3"], _said);
        _store.Appends[2].SetResult();
        await _runner.CatchUpAsync();
        Assert.Equal(["reply 1", "reply 2", "reply 3", "reply 4", "reply 5"], _said);
    }

    [Fact]
    public async Task A_store_that_fails_stops_everything_that_depends_on_it()
    {
        var failure = new TaskCompletionSource<Exception>();
        _runner.StoreFailed += exception => failure.TrySetResult(exception);
        Expect(1);
        Expect(2);
        _runner.Run([Persist(), Reply(1)]);
        _runner.Run([Persist(), Reply(2)]);
        _store.Appends[1].SetResult();
        _store.Appends[0].SetException(new IOException("disk"));

        Assert.IsType<IOException>(await failure.Task);
        await Assert.ThrowsAsync<IOException>(_runner.CatchUpAsync);
        Assert.Empty(_said);
    }

    [Fact]
    public void A_welcome_never_waits()
    {
        var ask = new RecordedAsk(_said) { Request = new RequestId(1) };
        _runner.Expect(ask);
        _runner.Run(
            [Persist(), new Effect.Reply(new RequestId(1), new Response.Welcomed(Worker, 1, TimeSpan.Zero, 1))]);

        Assert.Equal(["reply 1"], _said);
    }

    [Fact]
    public void What_tells_nothing_of_what_was_stored_never_waits()
    {
        Expect(1);
        Expect(2);
        Expect(3);
        Expect(4);
        var refusal = new Rejection(RejectionReason.StoreFull, "full");
        _runner.Run([
            Persist(),
            Reply(1, new Response.Status(new BrokerStatus())),
            Reply(2, new Response.Rejected(refusal)),
            Reply(3, new Response.Submitted([new SubmitResult(0, default, false, refusal)])),
            Reply(4, new Response.Rejected(new Rejection(RejectionReason.TaskFinished, "it has ended"))),
        ]);

        Assert.Equal(["reply 1", "reply 2", "reply 3"], _said);
        _store.CompleteAll();
    }

    [Fact]
    public void A_list_of_which_one_was_taken_waits_as_that_one_does_and_a_list_that_was_refused_waits_for_no_other()
    {
        Expect(1);
        Expect(2);
        var refusal = new Rejection(RejectionReason.StoreFull, "full");
        var refused = new SubmitResult(0, default, false, refusal);
        _runner.Run([Persist(), Reply(1, new Response.Submitted([new(1, new TaskId(7), false, null), refused]))]);
        _runner.Run([Reply(2, new Response.Submitted([refused, refused]))]);
        Assert.Equal(["reply 2"], _said);

        _store.CompleteAll();
        Assert.Equal(["reply 2", "reply 1"], _said);
    }

    [Fact]
    public async Task Turns_that_wait_for_room_on_the_disk_do_not_hold_up_the_loop()
    {
        for (var turn = 0; turn < 100; turn++) _runner.Run([Persist()]);
        Assert.True(_runner.IsBehind);
        var catchingUp = _runner.CatchUpAsync();

        _store.BecomeFull();
        await catchingUp.WaitAsync(Eventually.Deadline);
        Assert.False(_runner.IsBehind);

        Assert.False(_runner.IsStoreStuck);
        _store.IsCrowded = true;
        Assert.True(_runner.IsStoreStuck);
        Assert.False(_runner.IsBehind);
        _store.CompleteAll();
    }

    [Fact]
    public void While_the_disk_is_full_only_answers_wait_that_tell_of_what_is_not_stored()
    {
        for (var request = 1; request <= 5; request++) Expect(request);
        _runner.Run([Persist(new Change.TaskMoved(new TaskId(7), new TaskStanding(TaskState.Queued)))]);
        _store.BecomeFull();

        _runner.Run([Reply(1, Shown(7)), Reply(2, Shown(8)), Reply(3, Queue("q"))]);
        Assert.Equal(["reply 2", "reply 3"], _said);
        _runner.Run([
            Persist(new Change.QueueDeleted("q")), Reply(4, Queue("q")), Reply(5, new Response.TaskPage([], null)),
        ]);
        Assert.Equal(["reply 2", "reply 3"], _said);
        _store.CompleteAll();
    }

    [Fact]
    public async Task The_loop_goes_on_when_the_oldest_turn_is_stored()
    {
        for (var turn = 0; turn < 65; turn++) _runner.Run([Persist()]);
        Assert.True(_runner.IsBehind);
        var catchingUp = _runner.CatchUpAsync();

        _store.Appends[0].SetResult();
        await catchingUp.WaitAsync(Eventually.Deadline);
        Assert.False(_runner.IsBehind);
        _store.CompleteAll();
    }

    [Fact]
    public async Task The_core_hears_when_what_it_awaits_is_stored_and_nobody_else_waits_for_that()
    {
        var reported = new TaskCompletionSource<Command>();
        _runner.Reported += command =>
        {
            reported.SetResult(command);
            return Task.CompletedTask;
        };
        Expect(1);
        _runner.Run([new Effect.AwaitStore(), Persist() with { MustFlush = false }, Reply(1)]);
        Assert.Equal(["reply 1"], _said);
        Assert.False(reported.Task.IsCompleted);

        Assert.Single(_store.Appends).SetResult();
        Assert.IsType<Command.StoreReached>(await reported.Task.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public void What_is_said_to_a_worker_that_has_gone_is_dropped()
    {
        _runner.Run([
            new Effect.Assign(new WorkerId(9), Some()),
            new Effect.CancelAttempt(new WorkerId(9), Some().Attempt, CancelReason.Cancelled, TimeSpan.Zero),
            new Effect.DrainWorker(new WorkerId(9), DrainReason.Stop),
            new Effect.DisconnectWorker(new WorkerId(9), "gone"),
        ]);

        Assert.Empty(_said);
    }

    [Fact]
    public void Processes_are_started_and_stopped_as_said()
    {
        var pool = new PoolSettings { Name = "p" };
        _runner.Run([
            new Effect.StartWorker(Worker, pool),
            new Effect.StartExec(Worker, pool, Some()),
            new Effect.TerminateWorker(Worker),
            new Effect.KillWorker(Worker),
        ]);

        Assert.Equal(["start w1", "exec w1 5/1", "terminate w1", "kill w1"], _processes.Calls);
    }

    [Fact]
    public async Task The_end_of_the_shutdown_is_told()
    {
        _runner.Run([new Effect.ShutdownComplete()]);
        await _runner.ShutdownCompleted;
    }

    public async ValueTask DisposeAsync() => await _runner.DisposeAsync();

    private void Expect(long request) => _runner.Expect(new RecordedAsk(_said) { Request = new RequestId(request) });

    private static Effect.Reply Reply(long request, Response? response = null) =>
        new(new RequestId(request), response ?? new Response.Done());

    private static Effect.Persist Persist(Change? change = null) =>
        new(change ?? new Change.TaskRemoved(new TaskId(1)), MustFlush: true);

    private static Response.OneTask Shown(ulong id) => new(new TaskView
    {
        Id = new TaskId(id),
        Handler = "h",
        Queue = "q",
        State = TaskState.Queued,
        SubmittedAt = default,
    });

    private static Response.OneQueue Queue(string name) =>
        new(new QueueView { Name = name, Settings = new QueueSettings(), State = QueueState.Active });

    private static Effect.TaskFinished Finished() =>
        new(Session, 0, new TaskOutcome(new TaskId(1), TaskState.Succeeded, null, null, 1, Worker));

    private static Effect.Assign Assign() => new(Worker, Some());

    private static Assignment Some() => new()
    {
        Attempt = new AttemptId(new TaskId(5), 1),
        Target = new AssignmentTarget("h", "q"),
        Payload = TaskPayload.Empty,
    };

    private sealed class HeldStore : IStore
    {
        public event Action<bool>? SpaceChanged;

        public event Action<IReadOnlyList<SegmentId>>? SegmentsRead
        {
            add { }
            remove { }
        }

        public event Action<Exception>? Failed
        {
            add { }
            remove { }
        }

        public List<TaskCompletionSource> Appends { get; } = [];

        public Dictionary<TaskId, TaskCompletionSource<TaskPayload>> Reads { get; } = [];

        public IReadOnlyList<string> Problems => [];

        public bool IsFull { get; private set; }

        public bool IsCrowded { get; set; }

        /// <summary>Appends from now on are flushed with the one before them.</summary>
        public bool IsGrouping { get; set; }

        public void BecomeFull()
        {
            IsFull = true;
            SpaceChanged?.Invoke(true);
        }

        public void CompleteAll()
        {
            foreach (var append in Appends) append.TrySetResult();
        }

        public BrokerSnapshot Load() => new();

        public ValueTask<TaskPayload> ReadPayloadAsync(TaskId task, PayloadKind kind) =>
            new((Reads[task] = new TaskCompletionSource<TaskPayload>()).Task);

        public Task<long> BackupAsync(string path, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public ValueTask AppendAsync(IReadOnlyList<Change> changes, bool mustFlush)
        {
            if (!mustFlush) return ValueTask.CompletedTask;
            var append = IsGrouping && Appends.Count > 0 ? Appends[^1] : new TaskCompletionSource();
            Appends.Add(append);
            return new ValueTask(append.Task);
        }
    }

    private sealed class RecordedAsk(List<string> said) : Ask
    {
        public override void Complete(Response response) => said.Add($"reply {Request.Value}");

        public override void Fail(Exception exception) => said.Add($"fail {Request.Value}");
    }

    private sealed class Listener(List<string> said) : ITaskListener
    {
        public void Finished(Effect.TaskFinished finished) => said.Add("finished");
    }

    private sealed class Link(List<string> said) : IWorkerLink
    {
        public WorkerId Worker => new(1);

        public int Slots => 1;

        public void Assign(Assignment assignment) => said.Add("assign");

        public void Cancel(AttemptId attempt, CancelReason reason, TimeSpan grace) => said.Add("cancel");

        public void Refuse(AttemptId attempt, Rejection rejection) => said.Add("refuse");

        public void Drain(DrainReason reason) => said.Add("drain");

        public void Disconnect(string reason) => said.Add("disconnect");
    }
}
