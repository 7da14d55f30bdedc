using Grpc.Core;

namespace Queued.Worker.Tests;

public sealed class HelloTests : IAsyncLifetime
{
    private ScriptedDaemon _daemon = null!;

    public async Task InitializeAsync() => _daemon = await ScriptedDaemon.StartAsync();

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task An_external_worker_says_what_it_offers_and_serves()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, spawned: false, configure: worker =>
        {
            worker.Options.Queues.Add("images");
            worker.Options.Slots = 3;
            worker.Handle("square", (int x) => x * x).Handle("double", (int x) => 2 * x);
        });
        var stream = await _daemon.AcceptAsync();

        Assert.Equal(1u, stream.Hello.ProtocolVersion);
        Assert.Equal(["double", "square"], stream.Hello.Handlers);
        Assert.Equal(["images"], stream.Hello.Queues);
        Assert.Equal(3u, stream.Hello.Slots);
        Assert.Equal((uint)Environment.ProcessId, stream.Hello.ProcessId);
        Assert.StartsWith("queued-dotnet/", stream.Hello.Sdk, StringComparison.Ordinal);
        Assert.Empty(stream.Hello.WorkerId);
    }

    [Fact]
    public async Task An_external_worker_without_queues_serves_the_default_one()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Square, spawned: false);
        Assert.Equal(["default"], (await _daemon.AcceptAsync()).Hello.Queues);
    }

    [Fact]
    public async Task A_spawned_worker_shows_its_id_and_its_token_and_names_no_queue()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Square);
        var hello = (await _daemon.AcceptAsync()).Hello;

        Assert.Equal("w7", hello.WorkerId);
        Assert.Equal("secret", hello.WorkerToken);
        Assert.Empty(hello.Queues);
    }

    [Fact]
    public async Task The_first_credits_are_the_slots_of_the_welcome()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Square);
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync(slots: 5);
        await stream.Until(() => stream.Credits == 5, "5 credits");
    }

    [Theory]
    [InlineData(StatusCode.FailedPrecondition, "this daemon speaks protocol version 2")]
    [InlineData(StatusCode.Unauthenticated, "the token is not right")]
    [InlineData(StatusCode.NotFound, "there is no queue 'images'")]
    public async Task A_rejected_hello_ends_the_worker_with_the_reason(StatusCode code, string reason)
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Square, spawned: false);
        (await _daemon.AcceptAsync()).End(code, reason);
        var exit = await worker.Exit;

        Assert.Equal(3, exit.Code);
        Assert.Contains(reason, exit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_answer_that_is_no_welcome_is_a_rejection()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Square);
        await (await _daemon.AcceptAsync()).DrainAsync();
        Assert.Equal(3, (await worker.Exit).Code);
    }

    [Fact]
    public async Task A_spawned_worker_ends_where_there_is_no_daemon()
    {
        await using var worker = WorkerUnderTest.Start(_daemon.Address + ".none", Square);
        var exit = await worker.Exit;

        Assert.Equal(4, exit.Code);
        Assert.Contains(_daemon.Address + ".none", exit.Message, StringComparison.Ordinal);
        Assert.Contains("There is no such socket", exit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_worker_sends_heartbeats()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Square);
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync(heartbeat: TimeSpan.FromMilliseconds(20));
        await stream.Until(() => stream.Heartbeats >= 3, "3 heartbeats");
    }

    [Fact]
    public async Task Heartbeats_and_cancels_go_on_while_a_handler_never_lets_go_of_its_thread()
    {
        var stop = 0;
        await using var worker = WorkerUnderTest.Start(_daemon, worker => worker.Handle<int, int>("spin", Spin));
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync(slots: 4, heartbeat: TimeSpan.FromMilliseconds(20));
        await stream.AssignAsync("spin", (1, "1"), (2, "2"), (3, "3"), (4, "4"));
        await stream.Until(() => stream.Heartbeats >= 3, "3 heartbeats");

        await stream.CancelAsync(3, Protocol.V1.CancelReason.Cancelled);
        Assert.NotNull((await stream.SettlementAsync(3)).Succeeded);
        Volatile.Write(ref stop, 1);

        int Spin(int x, TaskContext task)
        {
            while (Volatile.Read(ref stop) == 0 && !task.CancellationToken.IsCancellationRequested)
                Thread.Yield();
            return x;
        }
    }

    private static void Square(WorkerHandlers worker) => worker.Handle("square", (int x) => x * x);
}
