using Google.Rpc;
using Queued.Protocol.V1;

namespace Queued.Worker.Tests;

public sealed class CancelTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ScriptedDaemon _daemon = null!;
    private WorkerUnderTest _worker = null!;
    private ScriptedStream _stream = null!;

    public async Task InitializeAsync()
    {
        _daemon = await ScriptedDaemon.StartAsync();
        _worker = WorkerUnderTest.Start(_daemon, worker => worker
            .Handle("obey", async (int x, TaskContext task) =>
            {
                task.Log("begun");
                try
                {
                    await _gate.Task.WaitAsync(task.CancellationToken);
                    return x;
                }
                catch (OperationCanceledException)
                {
                    task.Log(task.CancelReason.ToString());
                    throw;
                }
            })
            .Handle("finish", async (int x, TaskContext task) =>
            {
                task.Log("begun");
                var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await using (task.CancellationToken.Register(() => asked.TrySetResult()))
                    await asked.Task;
                return x;
            }));
        _stream = await _daemon.AcceptAsync();
        await _stream.WelcomeAsync();
    }

    public async Task DisposeAsync()
    {
        _gate.TrySetResult();
        await _worker.DisposeAsync();
        await _daemon.DisposeAsync();
    }

    [Theory]
    [InlineData(Protocol.V1.CancelReason.Cancelled)]
    [InlineData(Protocol.V1.CancelReason.SoftTimeout)]
    [InlineData(Protocol.V1.CancelReason.Timeout)]
    [InlineData(Protocol.V1.CancelReason.Shutdown)]
    public async Task A_running_handler_learns_that_it_is_to_stop_and_why(Protocol.V1.CancelReason reason)
    {
        await _stream.AssignAsync("obey", (1, "1"));
        await _stream.Until(() => _stream.Logs.Count == 1, "the beginning");
        await _stream.CancelAsync(1, reason);

        Assert.Equal(FailureKind.Cancelled, (await _stream.SettlementAsync(1)).Failed.Kind);
        Assert.Equal(reason.ToString(), _stream.Logs[^1].Line);
    }

    [Fact]
    public async Task A_handler_may_finish_although_it_was_asked_to_stop()
    {
        await _stream.AssignAsync("finish", (1, "7"));
        await _stream.Until(() => _stream.Logs.Count == 1, "the beginning");
        await _stream.CancelAsync(1, Protocol.V1.CancelReason.SoftTimeout);
        Assert.Equal("7", (await _stream.SettlementAsync(1)).Succeeded.Data.ToStringUtf8());
    }

    [Fact]
    public async Task A_cancelled_attempt_that_has_not_begun_never_begins()
    {
        await _stream.AssignAsync("obey", (1, "1"), (2, "2"));
        await _stream.CancelAsync(2, Protocol.V1.CancelReason.Cancelled);
        var settlement = await _stream.SettlementAsync(2);

        // It was given back as not begun where the time between the two messages was long enough for that.
        Assert.True(settlement.Failed?.Kind == FailureKind.Cancelled || settlement.Released is not null);
        _gate.TrySetResult();
        await _stream.SettlementAsync(1);
        Assert.DoesNotContain(_stream.Logs, log => log.TaskId == 2);
    }

    [Fact]
    public async Task At_the_daemons_shutdown_what_has_not_begun_goes_back()
    {
        await _stream.AssignAsync("obey", (1, "1"), (2, "2"));
        await _stream.CancelAsync(2, Protocol.V1.CancelReason.Shutdown);
        Assert.NotNull((await _stream.SettlementAsync(2)).Released);
    }

    [Fact]
    public async Task A_cancel_of_a_settled_attempt_changes_nothing()
    {
        _gate.TrySetResult();
        await _stream.AssignAsync("obey", (1, "1"));
        await _stream.SettlementAsync(1);
        await _stream.CancelAsync(1, Protocol.V1.CancelReason.Cancelled);
        await _stream.AssignAsync("obey", (2, "2"));
        Assert.NotNull((await _stream.SettlementAsync(2)).Succeeded);
    }

    [Fact]
    public async Task An_attempt_that_is_no_longer_this_workers_is_stopped()
    {
        await _stream.AssignAsync("obey", (1, "1"));
        await _stream.Until(() => _stream.Logs.Count == 1, "the beginning");
        await _stream.SendAsync(new WorkResponse
        {
            Errors = { new AttemptError { TaskId = 1, Attempt = 1, Error = new Status { Message = "Stale." } } },
        });
        await _stream.SettlementAsync(1);
        Assert.Equal("Lost", _stream.Logs[^1].Line);
    }
}
