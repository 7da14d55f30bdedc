using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Queued.Broker;
using Queued.Daemon.Edge;
using Queued.Daemon.Logs;
using Queued.Daemon.Loop;
using Queued.Daemon.Memory;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Loop;

public sealed class BrokerLoopTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly StopRecord _lifetime = new();
    private readonly SessionRegistry _sessions = new();
    private readonly List<BrokerLoop> _loops = [];

    [Fact]
    public async Task An_ask_is_answered()
    {
        var loop = Start();
        var declared = await DeclareAsync(loop, "mail");

        Assert.Equal("mail", declared.Queue.Name);
    }

    [Fact]
    public async Task A_refusal_is_thrown_with_its_reason()
    {
        var loop = Start();
        var exception = await Assert.ThrowsAsync<RejectedException>(
            () => loop.AskAsync<Response.OneQueue>(id => new Command.GetQueue(id, "no"), default));

        Assert.Equal(RejectionReason.QueueNotFound, exception.Rejection.Reason);
    }

    [Fact]
    public async Task Clients_hear_at_once_that_the_inbox_is_full_and_workers_wait()
    {
        // Not started yet, so that nothing is taken out.
        var loop = Create(new BrokerLoopOptions { InboxMax = 2 });
        var first = DeclareAsync(loop, "a");
        var second = DeclareAsync(loop, "b");
        var busy = await Assert.ThrowsAsync<BrokerBusyException>(() => DeclareAsync(loop, "c"));
        Assert.Contains("2 requests wait", busy.Message, StringComparison.Ordinal);
        Assert.Equal(
            "inbox_max", BrokerGateway.ToRpc(busy)?.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Metadata["resource"]);
        var telling = loop.TellAsync(new Command.WorkerDisconnected(new WorkerId(1)), default).AsTask();
        Assert.False(telling.IsCompleted);

        loop.Start();
        await telling;
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task Whoever_writes_what_a_turn_has_finds_the_next_turn_free()
    {
        var loop = Start();
        var written = new WriterSignal();
        var isFree = WriteAsync();
        loop.Put(id => new Command.GetQueue(id, "no"), new SignalledAsk(written));

        Assert.True(await isFree.WaitAsync(Eventually.Deadline));

        async Task<bool> WriteAsync()
        {
            await written.WaitAsync().ConfigureAwait(false);
            var answer = loop.AskAsync<Response.OneQueue>(id => new Command.GetQueue(id, "no"), default);
            var isAnswered = answer.IsCompleted;
            await Assert.ThrowsAsync<RejectedException>(() => answer);
            return isAnswered;
        }
    }

    [Fact]
    public async Task The_timer_wakes_the_core_when_something_is_due()
    {
        var loop = Start();
        var ended = new EndOf();
        var session = _sessions.Open(ended);
        var task = new TaskSubmission { Handler = "h", WantsOutcome = true, QueueTimeout = TimeSpan.FromSeconds(5) };
        await loop.AskAsync<Response.Submitted>(id => new Command.SubmitTasks(id, session, [task]), default);
        _time.Advance(TimeSpan.FromSeconds(4));
        await DeclareAsync(loop, "turn");
        Assert.False(ended.Outcome.IsCompleted);

        // The time of this test may go on while the loop arms its timer, which a real clock does too little to matter.
        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return ended.Outcome.IsCompleted;
            },
            "the task has expired");
        Assert.Equal(TaskState.Expired, (await ended.Outcome).State);
    }

    [Fact]
    public async Task Lives_that_begin_in_different_milliseconds_give_different_numbers()
    {
        var first = await SubmitAsync(Start());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var second = await SubmitAsync(Start());

        Assert.Equal(1UL << 12, second.Value - first.Value);
        Assert.True(second.Value < 1UL << 53);
    }

    [Fact]
    public async Task A_core_that_fails_ends_the_daemon_and_everybody_who_waits_hears_it()
    {
        var loop = Create(new BrokerLoopOptions());
        await loop.TellAsync(new Command.SubmitTasks(default, default, null!), default);
        var asking = DeclareAsync(loop, "a");
        loop.Start();

        await Assert.ThrowsAsync<BrokerStoppedException>(() => asking);
        await _lifetime.Stopped;
        Assert.True(loop.HasFailed);
        await Assert.ThrowsAsync<BrokerStoppedException>(() => DeclareAsync(loop, "b"));
        await Assert.ThrowsAsync<BrokerStoppedException>(
            async () => await loop.TellAsync(new Command.ShutdownNow(), default));
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task After_the_end_every_ask_fails()
    {
        var loop = Start();
        await loop.DisposeAsync();

        await Assert.ThrowsAsync<BrokerStoppedException>(() => DeclareAsync(loop, "a"));
    }

    [Fact]
    public async Task The_shutdown_is_complete_when_no_worker_is_left()
    {
        var loop = Start();
        await loop.TellAsync(new Command.BeginShutdown(TimeSpan.Zero), default);

        await loop.ShutdownCompleted;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops) await loop.DisposeAsync();
        _lifetime.Dispose();
    }

    private static Task<Response.OneQueue> DeclareAsync(BrokerLoop loop, string name) =>
        loop.AskAsync<Response.OneQueue>(id => new Command.DeclareQueue(id, name, new QueueSettings()), default);

    private static async Task<TaskId> SubmitAsync(BrokerLoop loop)
    {
        var task = new TaskSubmission { Handler = "h" };
        var response = await loop.AskAsync<Response.Submitted>(id =>
            new Command.SubmitTasks(id, default, [task]), default);
        return response.Results[0].Id;
    }

    private BrokerLoop Start()
    {
        var loop = Create(new BrokerLoopOptions());
        loop.Start();
        return loop;
    }

    private BrokerLoop Create(BrokerLoopOptions options)
    {
        var effects = new EffectRunner(
            new MemoryStore(),
            _sessions,
            new WorkerRegistry(),
            new FakeProcesses(),
            new TaskLogStore(options.LogBytesPerAttempt, options.LogBytesTotal, _time),
            new SegmentFiles(options.Segments, NullLogger<SegmentFiles>.Instance),
            options,
            new SilentObserver(),
            NullLogger<EffectRunner>.Instance);
        var loop = new BrokerLoop(options, effects, _time, _lifetime, NullLogger<BrokerLoop>.Instance);
        _loops.Add(loop);
        return loop;
    }

    private sealed class SignalledAsk(WriterSignal signal) : Ask
    {
        public override void Complete(Response response) => signal.Set();

        public override void Fail(Exception exception) => signal.Set();
    }

    private sealed class EndOf : ITaskListener
    {
        private readonly TaskCompletionSource<TaskOutcome> _outcome =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TaskOutcome> Outcome => _outcome.Task;

        public void Finished(Effect.TaskFinished finished) => _outcome.TrySetResult(finished.Outcome);
    }

    private sealed class StopRecord : IHostApplicationLifetime, IDisposable
    {
        private readonly TaskCompletionSource _stopped = new();
        private readonly CancellationTokenSource _never = new();

        public Task Stopped => _stopped.Task;

        public CancellationToken ApplicationStarted => _never.Token;

        public CancellationToken ApplicationStopping => _never.Token;

        public CancellationToken ApplicationStopped => _never.Token;

        public void StopApplication() => _stopped.TrySetResult();

        public void Dispose() => _never.Dispose();
    }
}
