using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Queued.Broker;
using Queued.Daemon.Logs;
using Queued.Daemon.Loop;
using Queued.Daemon.Memory;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Loop;

public sealed class StoredPayloadTests : IAsyncDisposable
{
    private static readonly WorkerId First = new(1);
    private static readonly WorkerId Second = new(2);

    private readonly SlowStore _store = new();
    private readonly WorkerRegistry _workers = new();
    private readonly FakeProcesses _processes = new();
    private readonly SegmentFiles _segments = new(new SegmentOptions(), NullLogger<SegmentFiles>.Instance);
    private readonly List<string> _said = [];
    private readonly List<Command> _reported = [];
    private readonly EffectRunner _runner;

    public StoredPayloadTests()
    {
        var logs = new TaskLogStore(1024 * 1024, 1024 * 1024, new FakeTimeProvider());
        var sessions = new SessionRegistry();
        _runner = new EffectRunner(
            _store, sessions, _workers, _processes, logs, _segments, new BrokerLoopOptions(), new SilentObserver(),
            NullLogger<EffectRunner>.Instance);
        _runner.Reported += command =>
        {
            _reported.Add(command);
            return Task.CompletedTask;
        };
        _workers.Add(new Link(First, _said));
        _workers.Add(new Link(Second, _said));
        sessions.Open(new Listener(_said));
    }

    [Fact]
    public async Task What_is_said_to_a_worker_keeps_its_order_while_a_payload_is_read_and_others_do_not_wait()
    {
        _runner.Run([
            Assign(First, 5, TaskPayload.Stored(3, "")),
            new Effect.CancelAttempt(First, new AttemptId(new TaskId(5), 1), CancelReason.Cancelled, TimeSpan.Zero),
            Assign(Second, 6, new TaskPayload("now"u8.ToArray(), "")),
        ]);
        Assert.Equal(["w2 assign 6 now"], _said);

        _store.Complete(5, "abc");
        await _runner.DisposeAsync();
        Assert.Equal(["w2 assign 6 now", "w1 assign 5 abc", "w1 cancel"], _said);
    }

    [Fact]
    public async Task Two_payloads_that_are_read_in_the_wrong_order_are_handed_out_in_the_right_one()
    {
        _runner.Run([
            Assign(First, 5, TaskPayload.Stored(1, "")), Assign(First, 6, TaskPayload.Stored(1, "")),
        ]);
        _store.Complete(6, "b");
        Assert.Empty(_said);

        _store.Complete(5, "a");
        await _runner.DisposeAsync();
        Assert.Equal(["w1 assign 5 a", "w1 assign 6 b"], _said);
    }

    [Fact]
    public async Task A_payload_that_is_lost_ends_its_attempt_for_good_and_gives_the_credit_back()
    {
        _runner.Run([Assign(First, 5, TaskPayload.Stored(3, ""))]);
        _store.Fail(5, new PayloadLostException("damaged"));
        await _runner.DisposeAsync();

        Assert.Empty(_said);
        var report = Assert.IsType<Command.WorkerReport>(Assert.Single(_reported));
        Assert.Equal((First, 1), (report.Worker, report.Credits));
        var failed = Assert.IsType<Settlement.Failed>(Assert.Single(report.Settlements));
        Assert.True(failed.Failure is { NonRetryable: true, Message: "damaged" });
    }

    [Fact]
    public async Task A_command_whose_payload_is_lost_does_not_start()
    {
        _runner.Run([
            new Effect.StartExec(
                First, new PoolSettings { Name = "p" }, Assign(First, 5, TaskPayload.Stored(3, "")).Assignment),
        ]);
        _store.Fail(5, new PayloadLostException("damaged"));
        await _runner.DisposeAsync();

        Assert.Empty(_processes.Calls);
        Assert.Equal(new Command.WorkerSpawnFailed(First, "damaged"), Assert.Single(_reported));
    }

    [Fact]
    public async Task A_result_that_is_lost_is_a_failure_that_says_so()
    {
        var outcome = new TaskOutcome(
            new TaskId(5), TaskState.Succeeded, TaskPayload.Stored(3, ""), null, 1, First);
        _runner.Run([new Effect.TaskFinished(new SessionId(1), 0, outcome)]);
        _store.Fail(5, new PayloadLostException("damaged"));
        await _runner.DisposeAsync();

        Assert.Equal(["Failed It ended as Succeeded, but damaged"], _said);
    }

    [Fact]
    public void A_payload_that_is_handed_out_in_the_turn_that_stores_it_is_read_after_it_was_stored()
    {
        _runner.Run([
            Assign(First, 5, TaskPayload.Stored(3, "")),
            new Effect.Persist(new Change.TaskRemoved(new TaskId(4)), MustFlush: true),
        ]);
        Assert.Equal(["append 1", "read 5"], _store.Calls);
    }

    public async ValueTask DisposeAsync()
    {
        _store.CompleteAll();
        await _runner.DisposeAsync();
    }

    private static Effect.Assign Assign(WorkerId worker, ulong task, TaskPayload payload) => new(worker, new Assignment
    {
        Attempt = new AttemptId(new TaskId(task), 1),
        Target = new AssignmentTarget("h", "q"),
        Payload = payload,
    });

    private sealed class SlowStore : IStore
    {
        private readonly Dictionary<ulong, TaskCompletionSource<TaskPayload>> _reads = [];

        public event Action<bool>? SpaceChanged
        {
            add { }
            remove { }
        }

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

        public IReadOnlyList<string> Problems => [];

        public List<string> Calls { get; } = [];

        public void CompleteAll()
        {
            foreach (var read in _reads.Values) read.TrySetResult(TaskPayload.Empty);
        }

        public void Complete(ulong task, string text) =>
            _reads[task].SetResult(new TaskPayload(System.Text.Encoding.UTF8.GetBytes(text), ""));

        public void Fail(ulong task, Exception exception) => _reads[task].SetException(exception);

        public ValueTask<TaskPayload> ReadPayloadAsync(TaskId task, PayloadKind kind)
        {
            Calls.Add($"read {task}");
            return new((_reads[task.Value] = new TaskCompletionSource<TaskPayload>()).Task);
        }

        public BrokerSnapshot Load() => new();

        public ValueTask AppendAsync(IReadOnlyList<Change> changes, bool mustFlush)
        {
            Calls.Add($"append {changes.Count}");
            return ValueTask.CompletedTask;
        }

        public Task<long> BackupAsync(string path, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Listener(List<string> said) : ITaskListener
    {
        public void Finished(Effect.TaskFinished finished) =>
            said.Add($"{finished.Outcome.State} {finished.Outcome.Failure?.Message}");
    }

    private sealed class Link(WorkerId worker, List<string> said) : IWorkerLink
    {
        public WorkerId Worker => worker;

        public int Slots => 1;

        public void Assign(Assignment assignment) => said.Add(
            $"{worker} assign {assignment.Attempt.Task} " +
            System.Text.Encoding.UTF8.GetString(assignment.Payload.Data.Span));

        public void Cancel(AttemptId attempt, CancelReason reason, TimeSpan grace) => said.Add($"{worker} cancel");

        public void Refuse(AttemptId attempt, Rejection rejection) => said.Add($"{worker} refuse");

        public void Drain(DrainReason reason) => said.Add($"{worker} drain");

        public void Disconnect(string reason) => said.Add($"{worker} disconnect");
    }
}
