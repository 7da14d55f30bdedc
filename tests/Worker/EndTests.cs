using Microsoft.Extensions.Time.Testing;
using Queued.Protocol.V1;

namespace Queued.Worker.Tests;

public sealed class EndTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CancelReason> _asked =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ScriptedDaemon _daemon = null!;

    public async Task InitializeAsync() => _daemon = await ScriptedDaemon.StartAsync();

    public async Task DisposeAsync()
    {
        _gate.TrySetResult();
        await _daemon.DisposeAsync();
    }

    [Fact]
    public async Task A_drained_worker_finishes_what_runs_gives_back_the_rest_and_closes()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, GatedOnAStillClock);
        var stream = await BeginAsync();
        await stream.DrainAsync();
        await stream.SettlementAsync(2);
        Assert.NotNull((await stream.SettlementAsync(2)).Released);
        Assert.False(stream.IsHalfClosed);

        _gate.TrySetResult();
        await stream.Until(() => stream.IsHalfClosed, "its end of the stream");
        Assert.NotNull((await stream.SettlementAsync(1)).Succeeded);
        Assert.Equal(1, stream.Credits);
        Assert.Equal(0, (await worker.Exit).Code);
    }

    [Fact]
    public async Task A_worker_asked_to_stop_drains_by_itself()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, GatedOnAStillClock);
        var stream = await BeginAsync();
        await worker.StopAsync();
        Assert.NotNull((await stream.SettlementAsync(2)).Released);

        await stream.AssignAsync("gated", (3, "3"));
        Assert.NotNull((await stream.SettlementAsync(3)).Released);
        _gate.TrySetResult();
        Assert.Equal(0, (await worker.Exit).Code);
        Assert.NotNull((await stream.SettlementAsync(1)).Succeeded);
    }

    [Fact]
    public async Task At_the_end_of_the_grace_running_attempts_are_cancelled()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, worker =>
        {
            worker.Options.ShutdownGrace = TimeSpan.Zero;
            Gated(worker);
        });
        var stream = await BeginAsync();
        await worker.StopAsync();

        Assert.Equal(CancelReason.Shutdown, await _asked.Task);
        Assert.Equal(FailureKind.Cancelled, (await stream.SettlementAsync(1)).Failed.Kind);
        Assert.Equal(0, (await worker.Exit).Code);
    }

    [Fact]
    public async Task A_handler_that_outlasts_the_grace_is_left_behind()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, worker =>
        {
            worker.Options.ShutdownGrace = TimeSpan.Zero;
            Deaf(worker);
        });
        await BeginAsync();
        await worker.StopAsync();
        var exit = await worker.Exit;
        Assert.Equal(1, exit.Code);
        Assert.Contains("1", exit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_spawned_worker_ends_with_its_daemon()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Gated);
        await BeginAsync();
        await _daemon.DieAsync();

        Assert.Equal(CancelReason.Lost, await _asked.Task);
        Assert.Equal(4, (await worker.Exit).Code);
    }

    [Fact]
    public async Task A_spawned_worker_ends_with_its_daemon_even_if_a_handler_hangs()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Deaf);
        var stream = await BeginAsync();
        stream.End();
        Assert.Equal(4, await worker.Killed);
        Assert.Equal(4, (await worker.Exit).Code);
    }

    [Fact]
    public async Task An_external_worker_dials_again_and_works_on()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Gated, spawned: false);
        await BeginAsync();
        await _daemon.DieAsync();
        Assert.Equal(CancelReason.Lost, await _asked.Task);
        await _daemon.ListenAsync();

        _gate.TrySetResult();
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.AssignAsync("gated", (9, "81"));
        Assert.Equal("81", (await stream.SettlementAsync(9)).Succeeded.Data.ToStringUtf8());
    }

    [Fact]
    public async Task An_external_worker_whose_daemon_stops_finishes_what_runs_and_dials_again()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Gated, spawned: false);
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.AssignAsync("gated", (1, "1"));
        await stream.Until(() => stream.Logs.Count == 1, "the attempt's beginning");
        await stream.DrainAsync(DrainReason.DaemonStopping);

        _gate.TrySetResult();
        await stream.Until(() => stream.IsHalfClosed, "its end of the stream");
        Assert.NotNull((await stream.SettlementAsync(1)).Succeeded);
        var next = await _daemon.AcceptAsync();
        await next.WelcomeAsync();
        await next.AssignAsync("gated", (9, "81"));
        Assert.Equal("81", (await next.SettlementAsync(9)).Succeeded.Data.ToStringUtf8());
    }

    [Theory]
    [InlineData(DrainReason.Stop, false, true)]
    [InlineData(DrainReason.DaemonStopping, false, false)]
    [InlineData(DrainReason.DaemonStopping, true, true)]
    public async Task A_worker_that_is_not_wanted_again_ends(DrainReason reason, bool spawned, bool reconnects)
    {
        await using var worker = WorkerUnderTest.Start(_daemon, spawned: spawned, configure: worker =>
        {
            worker.Options.Reconnect = reconnects;
            Gated(worker);
        });
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.DrainAsync(reason);
        Assert.Equal(0, (await worker.Exit).Code);
    }

    [Fact]
    public async Task An_external_worker_waits_for_a_daemon_that_is_not_there_yet()
    {
        await _daemon.DieAsync();
        await using var worker = WorkerUnderTest.Start(_daemon, Gated, spawned: false);
        await _daemon.ListenAsync();
        await _daemon.AcceptAsync();
    }

    [Fact]
    public async Task An_external_worker_that_is_told_not_to_does_not_dial_again()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, spawned: false, configure: worker =>
        {
            worker.Options.Reconnect = false;
            Gated(worker);
        });
        (await BeginAsync()).End();
        Assert.Equal(4, (await worker.Exit).Code);
    }

    [Fact]
    public void Delays_between_dials_grow_to_ten_seconds()
    {
        var backoff = new Runtime.Backoff();
        var delays = Enumerable.Range(0, 12).Select(_ => backoff.Next().TotalSeconds).ToList();
        Assert.InRange(delays[0], 0.15, 0.25);
        Assert.InRange(delays[1], 0.3, 0.5);
        Assert.InRange(delays[11], 7.5, 12.5);
    }

    [Fact]
    public async Task The_public_entry_runs_until_it_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var running = QueuedWorker.RunAsync(
            worker =>
            {
                worker.Options.Address = _daemon.Address;
                worker.Handle("square", (int x) => x * x);
            },
            stop.Token);
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.AssignAsync("square", (1, "9"));
        Assert.Equal("81", (await stream.SettlementAsync(1)).Succeeded.Data.ToStringUtf8());
        await stop.CancelAsync();
        Assert.Equal(0, await running.WaitAsync(ScriptedStream.Patience));
    }

    private async Task<ScriptedStream> BeginAsync()
    {
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.AssignAsync("gated", (1, "1"));
        await stream.Until(() => stream.Logs.Count == 1, "the first attempt's beginning");
        await stream.AssignAsync("gated", (2, "2"));
        return stream;
    }

    // What has not begun is not given back for its waiting, so it is there when the drain comes.
    private void GatedOnAStillClock(WorkerHandlers worker)
    {
        worker.Options.Clock = new FakeTimeProvider();
        Gated(worker);
    }

    private void Deaf(WorkerHandlers worker) => worker.Handle("gated", async (int x, TaskContext task) =>
    {
        task.Log("begun");
        await _gate.Task;
        return x;
    });

    private void Gated(WorkerHandlers worker) => worker.Handle("gated", async (int x, TaskContext task) =>
    {
        task.Log("begun");
        try
        {
            await _gate.Task.WaitAsync(task.CancellationToken);
            return x;
        }
        catch (OperationCanceledException)
        {
            _asked.TrySetResult(task.CancelReason);
            throw;
        }
    });
}
