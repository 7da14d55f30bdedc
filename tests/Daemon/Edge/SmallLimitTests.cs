using Google.Rpc;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;
using FailureKind = Queued.Protocol.V1.FailureKind;
using Settlement = Queued.Protocol.V1.Settlement;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Limits of the core, so small that a few tasks reach them over the wire.</summary>
public sealed class SmallLimitTests : IAsyncLifetime
{
    private const int Watches = 3;

    private static readonly BrokerLimits Limits = BrokerHost.SmallLimits with
    {
        WatchesPerSessionMax = Watches,
        PurgeStepMax = 2,
        RetentionStepMax = 2,
    };

    private BrokerHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await BrokerHost.StartAsync(new BrokerLoopOptions { Limits = Limits });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_client_that_watches_and_takes_no_outcomes_is_cut_off_at_the_limit()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var tasks = new List<ulong>();
        for (var i = 0; i <= Watches; i++)
        {
            tasks.Add(await SubmitAsync());
            await worker.SettleAsync(await worker.TakeAsync());
            await _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = tasks[i] });
        }

        using var client = await TestClient.ConnectAsync(_host, outcomeCredits: 0);
        await client.SendAsync(new ConnectRequest { WatchTaskIds = { tasks[..Watches] } });
        // Answered after the watches, so their outcomes wait by then.
        await client.SendAsync(new ConnectRequest { Cancels = { new CancelTaskRequest { TaskId = tasks[0] } } });
        RpcAssert.Refused((await client.ErrorAsync()).Error, "TASK_FINISHED");
        await client.SendAsync(new ConnectRequest { WatchTaskIds = { tasks[Watches] } });

        var status = RpcAssert.Failed(
            await client.FailureAsync(), StatusCode.ResourceExhausted, "LIMIT_REACHED", "watch_task_ids");
        Assert.Equal("watches_per_session_max", status.GetDetail<QuotaFailure>()?.Violations[0].Subject);
    }

    [Fact]
    public async Task A_client_that_takes_its_outcomes_may_watch_for_ever()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host, outcomeCredits: 1);
        for (var i = 0; i < 3 * Watches; i++)
        {
            var task = await SubmitAsync();
            await client.SendAsync(new ConnectRequest { WatchTaskIds = { task }, OutcomeCredits = 1 });
            await worker.SettleAsync(await worker.TakeAsync());
            Assert.Equal(task, (await client.OutcomeAsync()).TaskId);
        }
    }

    [Fact]
    public async Task A_purge_of_more_than_a_step_is_one_call_that_counts_all()
    {
        for (var i = 0; i < 7; i++) await SubmitAsync();
        var response = await _host.Queues.PurgeQueueAsync(new PurgeQueueRequest { Name = "default" });
        Assert.Equal(7UL, response.PurgedCount);
        Assert.Equal(0UL, (await _host.Daemon.GetStatusAsync(new GetStatusRequest())).OpenTaskCount);
        Assert.Equal(0UL, (await _host.Queues.PurgeQueueAsync(new PurgeQueueRequest { Name = "default" })).PurgedCount);
    }

    [Fact]
    public async Task A_deletion_of_more_dead_letters_than_a_step_is_one_call()
    {
        using (var worker = await TestWorker.ConnectAsync(_host))
        {
            for (var i = 0; i < 7; i++)
            {
                await SubmitAsync();
                var taken = await worker.TakeAsync();
                var failed = new Settlement
                {
                    TaskId = taken.TaskId,
                    Attempt = taken.Attempt,
                    Failed = new Failure { Kind = FailureKind.Error, Message = "no" },
                };
                await worker.SendAsync(new WorkRequest { Settlements = { failed }, Credits = 1 });
            }

            await worker.LeaveAsync();
        }

        Assert.Equal(7, (await _host.Queues.ListDeadAsync(new ListDeadRequest { Queue = "default" })).Tasks.Count);
        await _host.Queues.DeleteQueueAsync(new DeleteQueueRequest { Name = "default" });
        await RpcAssert.FailsAsync(
            async () => await _host.Queues.ListDeadAsync(new ListDeadRequest { Queue = "default" }),
            StatusCode.NotFound, "QUEUE_NOT_FOUND", "queue");
    }

    private async Task<ulong> SubmitAsync() =>
        (await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = RejectionTests.Good() })).TaskId;
}
