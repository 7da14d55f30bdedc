using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Queued.Broker;
using Queued.Daemon.Logs;
using Queued.Protocol.V1;
using CancelReason = Queued.Protocol.V1.CancelReason;
using DrainReason = Queued.Protocol.V1.DrainReason;
using FailureKind = Queued.Protocol.V1.FailureKind;
using Settlement = Queued.Protocol.V1.Settlement;
using TaskState = Queued.Protocol.V1.TaskState;

namespace Queued.Daemon.Tests.Edge;

/// <summary>The worker's stream.</summary>
public sealed class WorkTests : IAsyncLifetime
{
    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_worker_is_welcomed_with_what_it_must_know()
    {
        using var worker = await TestWorker.ConnectAsync(_host);

        Assert.True(WorkerId.TryParse(worker.Welcome.WorkerId, out _));
        Assert.Equal((ulong)BrokerHost.SmallLimits.PayloadBytesMax, worker.Welcome.PayloadBytesMax);
        Assert.True(worker.Welcome.HeartbeatInterval.ToTimeSpan() > TimeSpan.Zero);
        Assert.Equal(1U, worker.Welcome.Slots);
    }

    [Fact]
    public async Task The_first_message_must_be_hello()
    {
        using var worker = TestWorker.Open(_host);
        await worker.SendAsync(new WorkRequest { Heartbeat = true });

        RpcAssert.Failed(await worker.FailureAsync(), StatusCode.InvalidArgument, "INVALID_REQUEST", "hello");
    }

    [Fact]
    public async Task Hello_comes_once()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        await worker.SendAsync(new WorkRequest { Hello = new Hello { ProtocolVersion = 1, Queues = { "default" } } });

        RpcAssert.Failed(await worker.FailureAsync(), StatusCode.InvalidArgument, "INVALID_REQUEST", "hello");
    }

    [Fact]
    public async Task Another_version_of_the_protocol_is_refused_and_both_are_named()
    {
        using var worker = TestWorker.Open(_host);
        await worker.SendAsync(new WorkRequest { Hello = new Hello { ProtocolVersion = 7, Queues = { "default" } } });
        var status = RpcAssert.Failed(
            await worker.FailureAsync(),
            StatusCode.FailedPrecondition,
            "PROTOCOL_UNSUPPORTED",
            "hello.protocol_version");

        Assert.Contains("version 7", status.Message, StringComparison.Ordinal);
        Assert.Contains("version 1", status.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("w1", "wrong")]
    [InlineData("w1", "")]
    [InlineData("", "token-w1")]
    [InlineData("one", "token-one")]
    public async Task A_worker_must_prove_who_it_is(string worker, string token)
    {
        using var impostor = TestWorker.Open(_host);
        await impostor.SendAsync(
            new WorkRequest { Hello = new Hello { ProtocolVersion = 1, WorkerId = worker, WorkerToken = token } });

        RpcAssert.Failed(await impostor.FailureAsync(), StatusCode.Unauthenticated, "UNAUTHENTICATED_WORKER");
    }

    [Fact]
    public async Task An_external_worker_must_name_its_queues()
    {
        using var worker = TestWorker.Open(_host);
        await worker.SendAsync(new WorkRequest { Hello = new Hello { ProtocolVersion = 1 } });

        RpcAssert.Failed(await worker.FailureAsync(), StatusCode.InvalidArgument, "INVALID_REQUEST", "hello.queues");
    }

    [Fact]
    public async Task A_spawned_worker_connects_once_with_its_token()
    {
        using var worker = await SpawnedAsync();
        using var twin = TestWorker.Open(_host);
        await twin.SendAsync(Hello(worker.Welcome.WorkerId));

        RpcAssert.Failed(await twin.FailureAsync(), StatusCode.FailedPrecondition, "WORKER_CONNECTED");
    }

    [Fact]
    public async Task What_a_process_wrote_before_it_settled_is_the_settled_attempt_s()
    {
        using var worker = await SpawnedAsync();
        await worker.SendAsync(new WorkRequest { Credits = 2 });
        var (first, second) = (await SubmitAsync(), await SubmitAsync());
        var assignment = await worker.TakeAsync();
        Assert.Equal(first, assignment.TaskId);
        Assert.Equal(second, (await worker.TakeAsync()).TaskId);

        var logs = _host.Services.GetRequiredService<TaskLogStore>();
        _host.Processes.Pending = id => logs.Output(id, Daemon.Logs.LogSource.Stdout, "last words\n"u8);
        await worker.SettleAsync(assignment);
        await _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = first });

        Assert.Equal("last words\n", await LogsAsync(first));
        Assert.Equal("", await LogsAsync(second));
    }

    [Fact]
    public async Task A_stale_attempt_is_refused_and_nothing_else_is()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var id = await SubmitAsync();
        var assignment = await worker.TakeAsync();
        var stale = new TakenAssignment { TaskId = id, Attempt = 9 };
        await worker.SendAsync(new WorkRequest
        {
            Settlements = { TestWorker.Succeeded(stale), TestWorker.Succeeded(assignment) },
        });
        var error = await worker.TakeErrorAsync();

        Assert.Equal((id, 9U), (error.TaskId, error.Attempt));
        RpcAssert.Refused(error.Error, "ATTEMPT_STALE");
        Assert.Equal(TaskState.Succeeded, (await AwaitAsync(id)).State);
    }

    [Fact]
    public async Task A_worker_cannot_settle_another_s_attempt()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var other = await TestWorker.ConnectAsync(_host, credits: 0);
        var id = await SubmitAsync();
        var assignment = await worker.TakeAsync();
        await other.SettleAsync(assignment, credits: 0);
        RpcAssert.Refused((await other.TakeErrorAsync()).Error, "ATTEMPT_STALE");

        await worker.SettleAsync(assignment, "mine");
        Assert.Equal("mine", (await AwaitAsync(id)).Result.Data.ToStringUtf8());
    }

    [Fact]
    public async Task A_result_over_the_limit_fails_the_attempt_and_names_the_limit()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var id = await SubmitAsync();
        var settlement = TestWorker.Succeeded(await worker.TakeAsync());
        settlement.Succeeded.Data = ByteString.CopyFrom(new byte[BrokerHost.SmallLimits.PayloadBytesMax + 1]);
        await worker.SendAsync(new WorkRequest { Settlements = { settlement } });
        var task = await AwaitAsync(id);

        Assert.Equal((TaskState.Failed, FailureKind.Rejected), (task.State, task.Failure.Kind));
        Assert.Contains("payload_bytes_max", task.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_keeps_what_the_worker_said_of_it()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var id = await SubmitAsync();
        var assignment = await worker.TakeAsync();
        var failure = new Failure
        {
            Kind = FailureKind.Error,
            Message = "no",
            ErrorType = "System.Exception",
            Detail = "at X",
            NonRetryable = true,
        };
        await worker.SendAsync(new WorkRequest { Settlements = { Failed(assignment, failure) } });
        var task = await AwaitAsync(id);

        Assert.Equal(TaskState.Failed, task.State);
        Assert.Equal(
            ("no", "System.Exception", "at X", worker.Welcome.WorkerId),
            (task.Failure.Message, task.Failure.ErrorType, task.Failure.Detail, task.Failure.WorkerId));
    }

    [Fact]
    public async Task Kinds_that_only_the_daemon_knows_end_the_stream()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        await SubmitAsync();
        var failure = new Failure { Kind = FailureKind.Oom };
        await worker.SendAsync(new WorkRequest { Settlements = { Failed(await worker.TakeAsync(), failure) } });

        RpcAssert.Failed(
            await worker.FailureAsync(), StatusCode.InvalidArgument, "INVALID_REQUEST", "settlements[0].failed.kind");
    }

    [Fact]
    public async Task Words_that_say_nothing_end_the_stream()
    {
        await RefusedAsync(
            new WorkRequest { Settlements = { new Settlement { TaskId = 1, Attempt = 1 } } }, "settlements[0].result");
        await RefusedAsync(
            new WorkRequest { Extensions = { new AttemptExtension { TaskId = 1, Attempt = 1 } } },
            "extensions[0].timeout");
        var snooze = new Snoozed { Delay = new Duration { Seconds = 1, Nanos = -1 } };
        await RefusedAsync(
            new WorkRequest { Settlements = { new Settlement { TaskId = 1, Attempt = 1, Snoozed = snooze } } },
            "settlements[0].snoozed.delay");
        var few = new SettlementBatch { TaskIds = { 1, 2 }, Attempts = { 1 }, Results = BatchPayloads.Of("a", "b") };
        await RefusedAsync(new WorkRequest { Successes = { few } }, "successes[0].attempts");
        var none = new SettlementBatch { TaskIds = { 1 }, Attempts = { 1 } };
        await RefusedAsync(new WorkRequest { Successes = { none } }, "successes[0].results");
        var other = new SettlementBatch { TaskIds = { 1, 2 }, Attempts = { 1, 1 }, Results = BatchPayloads.Of("a") };
        await RefusedAsync(new WorkRequest { Successes = { other } }, "successes[0].results");
    }

    [Fact]
    public async Task A_cancel_reaches_the_worker()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var id = await SubmitAsync();
        var assignment = await worker.TakeAsync();
        var grace = Duration.FromTimeSpan(TimeSpan.FromSeconds(7));
        await _host.Tasks.CancelTaskAsync(new CancelTaskRequest { TaskId = id, Reason = "enough", Grace = grace });
        var cancel = await worker.TakeCancelAsync();
        Assert.Equal((id, CancelReason.Cancelled, grace), (cancel.TaskId, cancel.Reason, cancel.Grace));

        var failure = new Failure { Kind = FailureKind.Cancelled, Message = "stopped" };
        await worker.SendAsync(new WorkRequest { Settlements = { Failed(assignment, failure) } });
        Assert.Equal(TaskState.Cancelled, (await AwaitAsync(id)).State);
    }

    [Fact]
    public async Task When_the_stream_is_lost_the_task_goes_to_another_worker()
    {
        var worker = await TestWorker.ConnectAsync(_host);
        var id = await SubmitAsync();
        await worker.TakeAsync();
        worker.Dispose();
        using var other = await TestWorker.ConnectAsync(_host);
        var again = await other.TakeAsync();
        Assert.Equal((id, 2U), (again.TaskId, again.Attempt));
        await other.SettleAsync(again);

        Assert.Equal(TaskState.Succeeded, (await AwaitAsync(id)).State);
    }

    [Fact]
    public async Task A_worker_that_is_stopped_drains_and_leaves()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        await _host.Pools.StopWorkerAsync(new StopWorkerRequest { WorkerId = worker.Welcome.WorkerId });
        while (worker.Drain == DrainReason.Unspecified) await worker.ReadAsync();
        Assert.Equal(DrainReason.Stop, worker.Drain);
        await worker.LeaveAsync();
    }

    [Fact]
    public async Task A_worker_that_leaves_because_the_daemon_stops_is_told_so()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        await _host.Loop.TellAsync(new Broker.Command.BeginShutdown(TimeSpan.Zero), default);
        while (worker.Drain == DrainReason.Unspecified) await worker.ReadAsync();
        Assert.Equal(DrainReason.DaemonStopping, worker.Drain);
        await worker.LeaveAsync();
    }

    [Fact]
    public async Task A_worker_that_is_killed_is_disconnected_and_told_why()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        await _host.Pools.StopWorkerAsync(new StopWorkerRequest { WorkerId = worker.Welcome.WorkerId, Kill = true });

        RpcAssert.Failed(await worker.FailureAsync(), StatusCode.Aborted, "WORKER_DISCONNECTED");
    }

    [Fact]
    public async Task Workers_hear_that_the_daemon_stops()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var stopping = _host.StopAsync();
        RpcAssert.Failed(await worker.FailureAsync(), StatusCode.Unavailable, "DAEMON_DRAINING");
        await stopping;
    }

    private static WorkerId Id(string text)
    {
        Assert.True(WorkerId.TryParse(text, out var id));
        return id;
    }

    [Theory]
    [InlineData(double.NaN, 1, "progress[0].progress.completed")]
    [InlineData(1, double.PositiveInfinity, "progress[0].progress.total")]
    public async Task Progress_that_is_no_number_ends_the_stream_and_is_shown_to_nobody(
        double completed, double total, string field)
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var task = await SubmitAsync();
        var assignment = await worker.TakeAsync();
        var progress = new Progress { Completed = completed, Total = total };
        await worker.SendAsync(new WorkRequest
        {
            Progress = { new AttemptProgress { TaskId = task, Attempt = assignment.Attempt, Progress = progress } },
        });

        RpcAssert.Failed(await worker.FailureAsync(), StatusCode.InvalidArgument, "INVALID_REQUEST", field);
        Assert.Null((await _host.Tasks.GetTaskAsync(new GetTaskRequest { TaskId = task })).Task.Progress);
    }

    private static WorkRequest Hello(string worker) => new()
    {
        Hello = new Hello { ProtocolVersion = 1, WorkerId = worker, WorkerToken = $"token-{worker}" },
    };

    private static Settlement Failed(TakenAssignment assignment, Failure failure) => new()
    {
        TaskId = assignment.TaskId,
        Attempt = assignment.Attempt,
        Failed = failure,
    };

    /// <summary>A worker of a pool of one, whose process is only on paper.</summary>
    private async Task<TestWorker> SpawnedAsync()
    {
        var started = new TaskCompletionSource<WorkerId>();
        _host.Processes.Started = started.SetResult;
        await _host.Pools.CreatePoolAsync(
            new CreatePoolRequest { Pool = new PoolSpec { Name = "pool", Size = 1, Command = { "worker" } } });
        var id = await started.Task;
        await _host.Loop.TellAsync(new Command.WorkerSpawned(id, 4711), default);
        var worker = TestWorker.Open(_host);
        await worker.SendAsync(Hello(id.ToString()));
        await worker.ReadWelcomeAsync();
        Assert.Equal(id, Id(worker.Welcome.WorkerId));
        return worker;
    }

    private async Task RefusedAsync(WorkRequest request, string field)
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        await worker.SendAsync(request);
        RpcAssert.Failed(await worker.FailureAsync(), StatusCode.InvalidArgument, "INVALID_REQUEST", field);
    }

    private async Task<ulong> SubmitAsync() =>
        (await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = RejectionTests.Good() })).TaskId;

    private async Task<TaskInfo> AwaitAsync(ulong id) =>
        (await _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = id })).Task;

    private async Task<string> LogsAsync(ulong id)
    {
        using var call = _host.Tasks.ReadTaskLogs(new ReadTaskLogsRequest { TaskId = id });
        var text = "";
        while (await call.ResponseStream.MoveNext(default)) text += call.ResponseStream.Current.Data.ToStringUtf8();
        return text;
    }
}
