using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>The client's stream.</summary>
public sealed class ConnectTests : IAsyncLifetime
{
    private const int Window = 8;

    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync(
        new BrokerLoopOptions { Limits = BrokerHost.SmallLimits, SubmitWindow = Window, SessionsMax = 3 });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_first_message_has_the_first_credits_and_the_limits()
    {
        using var client = await TestClient.ConnectAsync(_host);

        Assert.Equal(Window, client.SubmitCredits);
        Assert.Equal((ulong)BrokerHost.SmallLimits.PayloadBytesMax, client.Welcome.PayloadBytesMax);
        Assert.Equal((ulong)new BrokerLoopOptions().MessageBytesMax, client.Welcome.MessageBytesMax);
    }

    [Fact]
    public async Task A_submission_is_acknowledged_and_its_outcome_follows()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host);
        await client.SubmitAsync(TestClient.Submission(11));
        var ack = await client.AckAsync();
        await worker.SettleAsync(await worker.TakeAsync(), "out");
        var outcome = await client.OutcomeAsync();

        Assert.Equal((11UL, null), (ack.Tag, ack.Error));
        Assert.Equal((11UL, ack.TaskId, TaskState.Succeeded), (outcome.Tag, outcome.TaskId, outcome.State));
        Assert.Equal(("out", worker.Welcome.WorkerId), (outcome.Result.Data.ToStringUtf8(), outcome.WorkerId));
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Fact]
    public async Task Every_submission_is_answered_whoever_refuses_it()
    {
        using var client = await TestClient.ConnectAsync(_host);
        await client.SubmitAsync(
            new Submission { Tag = 1 },
            TestClient.Submission(2, change: spec => spec.Delay = new Duration { Seconds = 1, Nanos = -1 }),
            TestClient.Submission(3, withoutOutcome: true),
            TestClient.Submission(4, change: spec => spec.Handler = "no spaces"),
            TestClient.Submission(0),
            TestClient.Submission(6, withoutOutcome: true));
        var answers = await AnswersAsync(client, 6);

        Assert.Equal([0UL, 1UL, 2UL, 3UL, 4UL, 6UL], answers.Keys.Order());
        Assert.Equal([3UL, 6UL], answers.Values.Where(ack => ack.TaskId > 0).Select(ack => ack.Tag).Order());
        RpcAssert.Refused(answers[1].Error, "INVALID_REQUEST", "task");
        RpcAssert.Refused(answers[2].Error, "INVALID_REQUEST", "task.delay");
        RpcAssert.Refused(answers[4].Error, "INVALID_REQUEST", "task.handler");
        RpcAssert.Refused(answers[0].Error, "INVALID_REQUEST", "tags");
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Fact]
    public async Task A_submission_holds_its_credit_until_its_outcome_is_written()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host);
        for (var tag = 1UL; tag <= Window; tag++) await client.SubmitAsync(TestClient.Submission(tag));
        for (var i = 0; i < Window; i++) await client.AckAsync();
        Assert.Equal(0, client.SubmitCredits);

        await worker.SettleAsync(await worker.TakeAsync());
        await client.OutcomeAsync();
        Assert.Equal(1, client.SubmitCredits);
    }

    [Fact]
    public async Task More_submissions_than_credits_end_the_call()
    {
        using var client = await TestClient.ConnectAsync(_host);
        await client.SubmitAsync([.. Enumerable.Range(1, Window + 1).Select(tag => TestClient.Submission((ulong)tag))]);
        var status = RpcAssert.Failed(
            await client.FailureAsync(), StatusCode.ResourceExhausted, "LIMIT_REACHED", "submissions");

        Assert.Equal("submit_credits", status.GetDetail<QuotaFailure>()?.Violations[0].Subject);
        Assert.Equal(0UL, (await _host.Daemon.GetStatusAsync(new GetStatusRequest())).OpenTaskCount);
    }

    [Fact]
    public async Task Outcomes_wait_for_the_client_s_credits()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host, outcomeCredits: 1);
        await client.SubmitAsync(TestClient.Submission(1), TestClient.Submission(2), TestClient.Submission(3));
        for (var i = 0; i < 3; i++) await worker.SettleAsync(await worker.TakeAsync());
        Assert.Equal(1UL, (await client.OutcomeAsync()).Tag);
        await client.SubmitAsync(TestClient.Submission(4, withoutOutcome: true));
        for (var i = 0; i < 4; i++) await client.AckAsync();
        Assert.Equal(0, client.WaitingOutcomes);
        Assert.Equal(Window - 2, client.SubmitCredits);

        await client.SendAsync(new ConnectRequest { OutcomeCredits = 1 });
        Assert.Equal(2UL, (await client.OutcomeAsync()).Tag);
        await client.SendAsync(new ConnectRequest { OutcomeCredits = 5 });
        Assert.Equal(3UL, (await client.OutcomeAsync()).Tag);
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Fact]
    public async Task A_client_that_does_not_read_makes_no_more_work_than_its_window()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host, outcomeCredits: 0);
        using var other = await TestClient.ConnectAsync(_host);
        for (var tag = 1UL; tag <= Window; tag++) await client.SubmitAsync(TestClient.Submission(tag));
        for (var i = 0; i < Window; i++) await worker.SettleAsync(await worker.TakeAsync());

        await other.SubmitAsync(TestClient.Submission(1));
        await worker.SettleAsync(await worker.TakeAsync());
        Assert.Equal(1UL, (await other.OutcomeAsync()).Tag);

        await client.SubmitAsync(TestClient.Submission(99));
        RpcAssert.Failed(await client.FailureAsync(), StatusCode.ResourceExhausted, "LIMIT_REACHED");
    }

    [Fact]
    public async Task Watched_tasks_end_here_too_and_unknown_ones_are_errors()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host);
        var submit = new SubmitTaskRequest { Task = RejectionTests.Good() };
        var id = (await _host.Tasks.SubmitTaskAsync(submit)).TaskId;
        await client.SendAsync(new ConnectRequest { WatchTaskIds = { id, 99 } });
        var error = await client.ErrorAsync();
        Assert.Equal(99UL, error.TaskId);
        RpcAssert.Refused(error.Error, "TASK_NOT_FOUND");

        await worker.SettleAsync(await worker.TakeAsync());
        var outcome = await client.OutcomeAsync();
        Assert.Equal((0UL, id), (outcome.Tag, outcome.TaskId));
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Fact]
    public async Task A_task_that_has_ended_is_told_at_once()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host);
        var running = _host.Tasks.RunTaskAsync(new RunTaskRequest { Task = RejectionTests.Good() });
        await worker.SettleAsync(await worker.TakeAsync());
        var id = (await running).Task.TaskId;
        await client.SendAsync(new ConnectRequest { WatchTaskIds = { id } });

        var outcome = await client.OutcomeAsync();
        Assert.Equal((0UL, id), (outcome.Tag, outcome.TaskId));
    }

    [Fact]
    public async Task A_task_submitted_twice_by_its_key_ends_under_both_numbers()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host);
        void Key(TaskSpec spec) => spec.IdempotencyKey = new IdempotencyKey { Key = "k" };
        await client.SubmitAsync(TestClient.Submission(1, change: Key), TestClient.Submission(2, change: Key));
        Assert.False((await client.AckAsync()).Deduplicated);
        Assert.True((await client.AckAsync()).Deduplicated);
        await worker.SettleAsync(await worker.TakeAsync());
        ulong[] tags = [(await client.OutcomeAsync()).Tag, (await client.OutcomeAsync()).Tag];
        Assert.Equal([1UL, 2UL], tags.Order());

        await client.SubmitAsync(TestClient.Submission(3, change: Key));
        Assert.True((await client.AckAsync()).Deduplicated);
        Assert.Equal(3UL, (await client.OutcomeAsync()).Tag);
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Fact]
    public async Task A_key_whose_task_was_forgotten_is_refused_where_the_outcome_is_wanted()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host);
        static void Key(TaskSpec spec)
        {
            spec.IdempotencyKey = new IdempotencyKey { Key = "k" };
            spec.ResultTtl = new Duration();
        }

        await client.SubmitAsync(TestClient.Submission(1, change: Key));
        await worker.SettleAsync(await worker.TakeAsync());
        await client.OutcomeAsync();
        await client.AckAsync();
        await client.SubmitAsync(TestClient.Submission(2, change: Key));
        RpcAssert.Refused((await client.AckAsync()).Error, "TASK_NOT_FOUND", "task.idempotency_key");
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Fact]
    public async Task Tasks_are_cancelled_on_the_stream()
    {
        using var client = await TestClient.ConnectAsync(_host);
        await client.SubmitAsync(TestClient.Submission(1));
        var id = (await client.AckAsync()).TaskId;
        await client.SendAsync(
            new ConnectRequest { Cancels = { new CancelTaskRequest { TaskId = id, Reason = "enough" } } });
        var outcome = await client.OutcomeAsync();
        Assert.Equal((TaskState.Cancelled, FailureKind.Cancelled), (outcome.State, outcome.Failure.Kind));

        await client.SendAsync(new ConnectRequest { Cancels = { new CancelTaskRequest { TaskId = id } } });
        RpcAssert.Refused((await client.ErrorAsync()).Error, "TASK_FINISHED");
    }

    [Fact]
    public async Task When_the_stream_ends_the_tasks_go_on()
    {
        using var worker = await TestWorker.ConnectAsync(_host, credits: 0);
        ulong id;
        using (var client = await TestClient.ConnectAsync(_host))
        {
            await client.SubmitAsync(TestClient.Submission(1));
            id = (await client.AckAsync()).TaskId;
        }

        await worker.SendAsync(new WorkRequest { Credits = 1 });
        await worker.SettleAsync(await worker.TakeAsync());
        var task = await _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = id });
        Assert.Equal(TaskState.Succeeded, task.Task.State);
    }

    [Fact]
    public async Task A_client_that_leaves_in_good_order_gets_what_waits_for_it()
    {
        using var client = await TestClient.ConnectAsync(_host);
        await client.SubmitAsync(TestClient.Submission(1));
        await client.AckAsync();
        await client.LeaveAsync();

        await Eventually.IsTrueAsync(
            () => _host.Daemon.GetStatus(new GetStatusRequest()).SessionCount == 0, "the session has ended");
    }

    [Fact]
    public async Task There_are_only_so_many_streams()
    {
        var clients = new List<TestClient>();
        for (var i = 0; i < 3; i++) clients.Add(await TestClient.ConnectAsync(_host));
        using var more = _host.Tasks.Connect();
        var status = await RpcAssert.FailsAsync(
            () => more.ResponseStream.MoveNext(default), StatusCode.ResourceExhausted, "LIMIT_REACHED");
        Assert.Equal("sessions_max", status.GetDetail<QuotaFailure>()?.Violations[0].Subject);
        Assert.Contains("Close clients", status.Message, StringComparison.Ordinal);

        clients.ForEach(client => client.Dispose());
        await Eventually.IsTrueAsync(
            () => _host.Daemon.GetStatus(new GetStatusRequest()).SessionCount == 0, "the sessions have ended");
        using var again = await TestClient.ConnectAsync(_host);
    }

    [Fact]
    public async Task Streams_hear_that_the_daemon_stops()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var stopping = _host.StopAsync();
        RpcAssert.Failed(await client.FailureAsync(), StatusCode.Unavailable, "DAEMON_DRAINING");
        await stopping;
    }

    [Fact]
    public async Task Large_results_come_one_to_a_message_or_so()
    {
        using var worker = await TestWorker.ConnectAsync(_host, credits: Window);
        using var client = await TestClient.ConnectAsync(_host, outcomeCredits: 0);
        for (var tag = 1UL; tag <= Window; tag++) await client.SubmitAsync(TestClient.Submission(tag));
        var result = UnsafeByteOperations.UnsafeWrap(new byte[200 * 1024]);
        for (var i = 0; i < Window; i++)
        {
            var assignment = await worker.TakeAsync();
            var settlement = TestWorker.Succeeded(assignment);
            settlement.Succeeded.Data = result;
            await worker.SendAsync(new WorkRequest { Settlements = { settlement } });
        }

        await client.SendAsync(new ConnectRequest { OutcomeCredits = 100 });
        var outcomes = 0;
        while (outcomes < Window)
        {
            var response = await client.ReadAsync();
            Assert.InRange(response.CalculateSize(), 0, 512 * 1024);
            outcomes += response.Successes.Sum(batch => batch.Tags.Count);
        }
    }

    private static async Task<Dictionary<ulong, SubmitAck>> AnswersAsync(TestClient client, int count)
    {
        var answers = new Dictionary<ulong, SubmitAck>();
        while (answers.Count < count)
        {
            var ack = await client.AckAsync();
            answers.Add(ack.Tag, ack);
        }

        return answers;
    }
}
