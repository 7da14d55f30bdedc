using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Bad input, end to end: the status, the reason and the field of each.</summary>
public sealed class RejectionTests : IAsyncLifetime
{
    private static readonly Duration Negative = Duration.FromTimeSpan(TimeSpan.FromSeconds(-1));
    private static readonly Duration NoDuration = new() { Seconds = 1, Nanos = -1 };

    private BrokerHost _host = null!;

    public static TheoryData<string, TaskSpec, string> BadTasks => new()
    {
        { "no handler", new TaskSpec(), "task.handler" },
        { "bad handler", new TaskSpec { Handler = "no spaces" }, "task.handler" },
        { "bad queue", Good(spec => spec.Queue = "a/b"), "task.queue" },
        { "negative delay", Good(spec => spec.Delay = Negative), "task.delay" },
        { "no duration", Good(spec => spec.Delay = NoDuration), "task.delay" },
        { "no time", Good(spec => spec.RunAt = new Timestamp { Nanos = -1 }), "task.run_at" },
        { "priority", Good(spec => spec.Priority = 128), "task.priority" },
        { "zero timeout", Good(spec => spec.Timeout = new Duration()), "task.timeout" },
        { "negative grace", Good(spec => spec.Grace = Negative), "task.grace" },
        { "negative result_ttl", Good(spec => spec.ResultTtl = Negative), "task.result_ttl" },
        { "exec without a command", new TaskSpec { Handler = "exec" }, "task.payload" },
        { "exec of nothing", Exec("{\"argv\": []}"), "task.payload" },
        { "exec with NUL", Exec("{\"argv\": [\"a\\u0000b\"]}"), "task.payload" },
        { "exec in a relative directory", Exec("{\"argv\": [\"ls\"], \"cwd\": \"here\"}"), "task.payload" },
        { "exec of no JSON", Exec("{"), "task.payload" },
    };

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadTasks))]
    public async Task A_bad_task_is_refused_with_its_field(string name, TaskSpec spec, string field)
    {
        Assert.NotEmpty(name);
        var submit = new SubmitTaskRequest { Task = spec };
        await RpcAssert.FailsAsync(
            async () =>
                await _host.Tasks.SubmitTaskAsync(submit), StatusCode.InvalidArgument, "INVALID_REQUEST", field);
        var run = new RunTaskRequest { Task = spec };
        await RpcAssert.FailsAsync(
            async () => await _host.Tasks.RunTaskAsync(run), StatusCode.InvalidArgument, "INVALID_REQUEST", field);
    }

    [Theory]
    [MemberData(nameof(BadTasks))]
    public async Task Of_many_tasks_only_the_bad_one_is_refused(string name, TaskSpec spec, string field)
    {
        Assert.NotEmpty(name);
        var request = new SubmitTasksRequest { Tasks = { Good(), spec, Good() } };
        var response = await _host.Tasks.SubmitTasksAsync(request);

        Assert.Equal(3, response.Results.Count);
        Assert.True(response.Results[0].TaskId > 0 && response.Results[2].TaskId > response.Results[0].TaskId);
        Assert.Equal(0UL, response.Results[1].TaskId);
        RpcAssert.Refused(
            response.Results[1].Error,
            "INVALID_REQUEST",
            field.Replace("task.", "tasks[1].", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_without_a_task_is_refused()
    {
        await InvalidAsync(() => _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest()), "task");
        await InvalidAsync(() => _host.Tasks.RunTaskAsync(new RunTaskRequest()), "task");
        await InvalidAsync(() => _host.Tasks.SubmitTasksAsync(new SubmitTasksRequest()), "tasks");
        await InvalidAsync(() => _host.Pools.CreatePoolAsync(new CreatePoolRequest()), "pool");
    }

    [Fact]
    public async Task More_tasks_than_a_batch_may_have_are_refused()
    {
        var request = new SubmitTasksRequest();
        for (var i = 0; i <= BrokerHost.SmallLimits.SubmitBatchMax; i++) request.Tasks.Add(Good());

        await InvalidAsync(() => _host.Tasks.SubmitTasksAsync(request), "tasks");
    }

    [Fact]
    public async Task A_payload_over_the_limit_is_refused_and_the_limit_is_named()
    {
        var data = ByteString.CopyFrom(new byte[BrokerHost.SmallLimits.PayloadBytesMax + 1]);
        var request = new SubmitTaskRequest { Task = Good(spec => spec.Payload = new Payload { Data = data }) };
        var status = await RpcAssert.FailsAsync(
            async () => await _host.Tasks.SubmitTaskAsync(request), StatusCode.InvalidArgument, "PAYLOAD_TOO_LARGE");

        Assert.Equal("payload_bytes_max", status.GetDetail<ErrorInfo>()?.Metadata["resource"]);
    }

    [Fact]
    public async Task A_request_that_is_no_message_of_the_contract_is_refused_and_not_logged()
    {
        // A field of text whose length is more than there is.
        var marshaller = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var call = _host.Open().CreateCallInvoker();
        foreach (var name in (string[])["GetTask", "SubmitTask", "WatchTask"])
        {
            var method = new Method<byte[], byte[]>(
                MethodType.Unary, TaskService.Descriptor.FullName, name, marshaller, marshaller);
            var status = await RpcAssert.FailsAsync(
                async () => await call.AsyncUnaryCall(method, null, default, [0x0A, 0x7F, 0x41]),
                StatusCode.InvalidArgument,
                "INVALID_REQUEST",
                "message");
            Assert.Contains($"/queued.v1.TaskService/{name}", status.Message, StringComparison.Ordinal);
        }

        Assert.Empty(_host.Errors.Lines);
    }

    [Fact]
    public async Task A_first_message_of_a_stream_that_cannot_be_decoded_is_refused()
    {
        var marshaller = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        var method = new Method<byte[], byte[]>(
            MethodType.DuplexStreaming, WorkerService.Descriptor.FullName, "Work", marshaller, marshaller);
        using var call = _host.Open().CreateCallInvoker().AsyncDuplexStreamingCall(method, null, default);
        await call.RequestStream.WriteAsync([0x0A, 0x7F, 0x41]);

        await RpcAssert.FailsAsync(
            () => call.ResponseStream.MoveNext(default), StatusCode.InvalidArgument, "INVALID_REQUEST", "message");
        Assert.Empty(_host.Errors.Lines);
    }

    [Fact]
    public async Task Unknown_things_are_not_found()
    {
        var tasks = _host.Tasks;
        await NotFoundAsync(() => tasks.GetTaskAsync(new GetTaskRequest { TaskId = 9 }), "TASK_NOT_FOUND");
        await NotFoundAsync(() => tasks.CancelTaskAsync(new CancelTaskRequest { TaskId = 9 }), "TASK_NOT_FOUND");
        await NotFoundAsync(() => tasks.RetryTaskAsync(new RetryTaskRequest { TaskId = 9 }), "TASK_NOT_FOUND");
        await NotFoundAsync(() => tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = 9 }), "TASK_NOT_FOUND");
        await NotFoundAsync(
            () => tasks.AwaitTasksAsync(new AwaitTasksRequest { TaskIds = { 9 } }), "TASK_NOT_FOUND", "task_ids");
        await NotFoundAsync(() => _host.Queues.GetQueueAsync(new GetQueueRequest { Name = "no" }), "QUEUE_NOT_FOUND");
        await NotFoundAsync(
            () => _host.Queues.PauseQueueAsync(new PauseQueueRequest { Name = "no" }), "QUEUE_NOT_FOUND");
        await NotFoundAsync(
            () => _host.Queues.DeleteQueueAsync(new DeleteQueueRequest { Name = "no" }), "QUEUE_NOT_FOUND");
        await NotFoundAsync(() => _host.Queues.ListDeadAsync(new ListDeadRequest { Queue = "no" }), "QUEUE_NOT_FOUND");
        await NotFoundAsync(() => _host.Pools.GetPoolAsync(new GetPoolRequest { Name = "no" }), "POOL_NOT_FOUND");
        await NotFoundAsync(() => _host.Pools.ScalePoolAsync(new ScalePoolRequest { Name = "no" }), "POOL_NOT_FOUND");
        await NotFoundAsync(
            () => _host.Pools.StopWorkerAsync(new StopWorkerRequest { WorkerId = "w99" }), "WORKER_NOT_FOUND");
        using var watch = tasks.WatchTask(new WatchTaskRequest { TaskId = 9 });
        await RpcAssert.FailsAsync(() => watch.ResponseStream.MoveNext(default), StatusCode.NotFound, "TASK_NOT_FOUND");
        using var logs = tasks.ReadTaskLogs(new ReadTaskLogsRequest { TaskId = 9 });
        await RpcAssert.FailsAsync(() => logs.ResponseStream.MoveNext(default), StatusCode.NotFound, "TASK_NOT_FOUND");
    }

    [Fact]
    public async Task Bad_numbers_tokens_and_times_name_their_field()
    {
        var tasks = _host.Tasks;
        await InvalidAsync(() => tasks.GetTaskAsync(new GetTaskRequest()), "task_id");
        await InvalidAsync(
            () => tasks.CancelTaskAsync(new CancelTaskRequest { TaskId = 1, Grace = NoDuration }), "grace");
        await InvalidAsync(() => tasks.ListTasksAsync(new ListTasksRequest { PageToken = "x" }), "page_token");
        await InvalidAsync(() => tasks.ListTasksAsync(new ListTasksRequest { PageSize = 100_000 }), "page_size");
        await InvalidAsync(
            () => tasks.ListTasksAsync(new ListTasksRequest { Filter = new TaskFilter { States = { (TaskState)77 } } }),
            "filter.states");
        await InvalidAsync(() => tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = 1, Wait = Negative }), "wait");
        await InvalidAsync(
            () => tasks.RunTaskAsync(new RunTaskRequest { Task = Good(), Wait = new Duration() }), "wait");
        await InvalidAsync(() => tasks.AwaitTasksAsync(new AwaitTasksRequest()), "task_ids");
        await InvalidAsync(
            () => tasks.AwaitTasksAsync(new AwaitTasksRequest { TaskIds = { 1 }, Mode = (AwaitMode)9 }), "mode");
        await InvalidAsync(
            () => _host.Pools.ListWorkersAsync(new ListWorkersRequest { PageToken = "x" }), "page_token");
        await InvalidAsync(() => _host.Pools.StopWorkerAsync(new StopWorkerRequest { WorkerId = "7" }), "worker_id");
        await InvalidAsync(
            () => _host.Queues.DeclareQueueAsync(new DeclareQueueRequest
            {
                Name = "q",
                Policy = new QueuePolicy { Durability = (Durability)3 },
            }),
            "policy.durability");
        await InvalidAsync(() => _host.Queues.DeclareQueueAsync(new DeclareQueueRequest { Name = "a b" }), "name");
        await InvalidAsync(
            () => _host.Queues.DeclareQueueAsync(new DeclareQueueRequest
            {
                Name = "q",
                Policy = new QueuePolicy { Grace = Negative },
            }),
            "policy.grace");
        await InvalidAsync(() => CreateAsync(Pool(pool => pool.Name = "a b")), "pool.name");
        await InvalidAsync(() => CreateAsync(Pool(pool => pool.BootTimeout = NoDuration)), "pool.boot_timeout");
        await InvalidAsync(() => CreateAsync(Pool(pool => pool.Size = 5000)), "pool.size");
        await InvalidAsync(() => CreateAsync(Pool(pool => pool.Command[0] = "")), "pool.command[0]");
        await InvalidAsync(() => CreateAsync(Pool(pool => pool.Command.Add("a\0b"))), "pool.command[1]");
        await InvalidAsync(() => CreateAsync(Pool(pool => pool.Env.Add("A=B", "c"))), "pool.env");
        await InvalidAsync(() => CreateAsync(Pool(pool => pool.Env.Add("A", "b\0c"))), "pool.env[A]");
    }

    [Fact]
    public async Task What_is_there_already_is_a_conflict()
    {
        await _host.Pools.CreatePoolAsync(new CreatePoolRequest { Pool = Pool() });
        await RpcAssert.FailsAsync(
            async () => await _host.Pools.CreatePoolAsync(new CreatePoolRequest { Pool = Pool() }),
            StatusCode.AlreadyExists,
            "POOL_EXISTS");

        var key = new IdempotencyKey { Key = "k" };
        await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = Good(spec => spec.IdempotencyKey = key) });
        var other = Good(spec => spec.IdempotencyKey = key);
        other.Payload = new Payload { Data = ByteString.CopyFromUtf8("other") };
        await RpcAssert.FailsAsync(
            async () => await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = other }),
            StatusCode.AlreadyExists,
            "IDEMPOTENCY_CONFLICT");
    }

    [Fact]
    public async Task What_the_state_forbids_is_a_failed_precondition()
    {
        var task = (await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = Good() })).TaskId;
        await FailedAsync(
            () => _host.Tasks.RetryTaskAsync(new RetryTaskRequest { TaskId = task }), "TASK_NOT_FINISHED");
        await FailedAsync(
            () => _host.Queues.DeleteQueueAsync(new DeleteQueueRequest { Name = "default" }), "QUEUE_NOT_EMPTY");

        await _host.Tasks.CancelTaskAsync(new CancelTaskRequest { TaskId = task });
        await FailedAsync(() => _host.Tasks.CancelTaskAsync(new CancelTaskRequest { TaskId = task }), "TASK_FINISHED");

        await _host.Queues.DrainQueueAsync(new DrainQueueRequest { Name = "default" });
        await FailedAsync(() => _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = Good() }), "QUEUE_DRAINING");

        await _host.Queues.DeclareQueueAsync(new DeclareQueueRequest { Name = "served" });
        await _host.Pools.CreatePoolAsync(new CreatePoolRequest { Pool = Pool(pool => pool.Queues.Add("served")) });
        await FailedAsync(
            () => _host.Queues.DeleteQueueAsync(new DeleteQueueRequest { Name = "served" }), "QUEUE_IN_USE");
    }

    [Fact]
    public async Task A_full_queue_says_so()
    {
        await _host.Queues.DeclareQueueAsync(
            new DeclareQueueRequest { Name = "small", Policy = new QueuePolicy { TasksMax = 1 } });
        var request = new SubmitTaskRequest { Task = Good(spec => spec.Queue = "small") };
        await _host.Tasks.SubmitTaskAsync(request);
        var status = await RpcAssert.FailsAsync(
            async () => await _host.Tasks.SubmitTaskAsync(request), StatusCode.ResourceExhausted, "QUEUE_FULL");

        Assert.NotNull(status.GetDetail<QuotaFailure>());
    }

    [Fact]
    public async Task A_daemon_that_drains_takes_nothing_new()
    {
        await _host.Loop.TellAsync(new Broker.Command.BeginShutdown(TimeSpan.Zero), default);
        await RpcAssert.FailsAsync(
            async () => await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = Good() }),
            StatusCode.Unavailable,
            "DAEMON_DRAINING");
    }

    [Fact]
    public async Task Callers_over_TCP_may_not_say_which_programs_run()
    {
        var channel = _host.OpenTcp();
        var tasks = new TaskService.TaskServiceClient(channel);
        var exec = new SubmitTaskRequest { Task = Exec("{\"argv\": [\"true\"]}") };
        await RpcAssert.FailsAsync(
            async () => await tasks.SubmitTaskAsync(exec), StatusCode.PermissionDenied, "EXEC_DENIED", "task.handler");
        await RpcAssert.FailsAsync(
            async () => await new PoolService.PoolServiceClient(channel).CreatePoolAsync(
                new CreatePoolRequest { Pool = Pool() }),
            StatusCode.PermissionDenied,
            "EXEC_DENIED");

        Assert.True((await tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = Good() })).TaskId > 0);
        Assert.True((await _host.Tasks.SubmitTaskAsync(exec)).TaskId > 0);
    }

    [Fact]
    public async Task Callers_over_TCP_may_where_it_is_allowed()
    {
        await using var host = await BrokerHost.StartAsync(new BrokerLoopOptions { ExecAllowedOverTcp = true });
        var tasks = new TaskService.TaskServiceClient(host.OpenTcp());

        var exec = new SubmitTaskRequest { Task = Exec("{\"argv\": [\"true\"]}") };
        Assert.True((await tasks.SubmitTaskAsync(exec)).TaskId > 0);
    }

    internal static TaskSpec Good(Action<TaskSpec>? change = null)
    {
        var spec = new TaskSpec { Handler = "h" };
        change?.Invoke(spec);
        return spec;
    }

    private static TaskSpec Exec(string json) => new()
    {
        Handler = "exec",
        Payload = new Payload { Data = ByteString.CopyFromUtf8(json), ContentType = "application/json" },
    };

    private static PoolSpec Pool(Action<PoolSpec>? change = null)
    {
        var spec = new PoolSpec { Name = "pool", Command = { "worker" } };
        change?.Invoke(spec);
        return spec;
    }

    private AsyncUnaryCall<CreatePoolResponse> CreateAsync(PoolSpec pool) =>
        _host.Pools.CreatePoolAsync(new CreatePoolRequest { Pool = pool });

    private static async Task InvalidAsync<T>(Func<AsyncUnaryCall<T>> call, string field) => await RpcAssert.FailsAsync(
        async () => await call(), StatusCode.InvalidArgument, "INVALID_REQUEST", field);

    private static async Task NotFoundAsync<T>(Func<AsyncUnaryCall<T>> call, string reason, string? field = null)
    {
        var status = await RpcAssert.FailsAsync(async () => await call(), StatusCode.NotFound, reason, field);
        Assert.NotNull(status.GetDetail<ResourceInfo>());
    }

    private static async Task FailedAsync<T>(Func<AsyncUnaryCall<T>> call, string reason)
    {
        var status = await RpcAssert.FailsAsync(async () => await call(), StatusCode.FailedPrecondition, reason);
        Assert.Equal(reason, status.GetDetail<PreconditionFailure>()?.Violations[0].Type);
    }
}
