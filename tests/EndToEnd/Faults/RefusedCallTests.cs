using System.Globalization;
using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>Calls that make no sense are refused, with the reason and the field or the limit at fault.</summary>
public sealed class RefusedCallTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private const string Invalid = "INVALID_REQUEST";
    private static readonly TimeSpan Negative = TimeSpan.FromSeconds(-1);
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1000);

    /// <summary>A submit with one thing wrong, by the field that is to be named.</summary>
    private static readonly Dictionary<string, SubmitOptions> BadOptions = new()
    {
        ["task.queue"] = new() { Queue = "not/a/name" },
        ["task.priority"] = new() { Priority = 1000 },
        ["task.delay"] = new() { Delay = Negative },
        ["task.run_at"] = new() { Delay = TimeSpan.FromSeconds(1), RunAt = DateTimeOffset.UtcNow },
        ["task.timeout"] = new() { Timeout = Negative },
        ["task.soft_timeout"] = new() { SoftTimeout = TimeSpan.Zero },
        ["task.grace"] = new() { Grace = Negative },
        ["task.queue_timeout"] = new() { QueueTimeout = Forever },
        ["task.result_ttl"] = new() { ResultTtl = Forever },
        ["task.idempotency_key.key"] = new() { IdempotencyKey = "" },
        ["task.idempotency_key.ttl"] = new() { IdempotencyKey = "key", IdempotencyTtl = TimeSpan.Zero },
        ["task.concurrency_key.key"] = new() { ConcurrencyKey = new string('k', 10_000) },
        ["task.concurrency_key.limit"] = new() { ConcurrencyKey = "key", ConcurrencyLimit = -1 },
        ["task.labels"] = new() { Labels = new Dictionary<string, string> { ["not a name"] = "" } },
        ["task.retry.max_attempts"] = new() { Retry = new RetryPolicy { MaxAttempts = -1 } },
        ["task.retry.max_deliveries"] = new() { Retry = new RetryPolicy { MaxDeliveries = 1_000_000 } },
        ["task.retry.initial_backoff"] = new() { Retry = new RetryPolicy { InitialBackoff = Negative } },
        ["task.retry.multiplier"] = new() { Retry = new RetryPolicy { Multiplier = 0.5 } },
        ["task.retry.jitter"] = new() { Retry = new RetryPolicy { Jitter = double.NaN } },
    };

    private static readonly PoolSpec GoodPool = new() { Name = "pool", Size = 1, Command = ["true"] };

    private static readonly Dictionary<string, PoolSpec> BadPools = new()
    {
        ["pool.name"] = GoodPool with { Name = "" },
        ["pool.size"] = GoodPool with { Size = -1 },
        ["pool.queues"] = GoodPool with { Queues = ["fine", "not fine"] },
        ["pool.command"] = GoodPool with { Command = [] },
        ["pool.command[0]"] = GoodPool with { Command = ["", "x"] },
        ["pool.command[1]"] = GoodPool with { Command = ["true", new string('x', 200_000)] },
        ["pool.env"] = GoodPool with { Environment = new Dictionary<string, string> { ["A=B"] = "c" } },
        ["pool.cwd"] = GoodPool with { WorkingDirectory = "relative" },
        ["pool.slots"] = GoodPool with { Slots = 5000 },
        ["pool.boot_timeout"] = GoodPool with { BootTimeout = TimeSpan.Zero },
        ["pool.heartbeat_timeout"] = GoodPool with { HeartbeatTimeout = Forever },
        ["pool.tasks_max"] = GoodPool with { TasksMax = -1 },
        ["pool.age_max"] = GoodPool with { AgeMax = Negative },
        ["pool.recycle_jitter"] = GoodPool with { RecycleJitter = 2 },
        ["pool.term_grace"] = GoodPool with { TermGrace = Forever },
        ["pool.breaker_failures"] = GoodPool with { BreakerFailures = -1 },
    };

    public static TheoryData<string> SubmitFields => [.. BadOptions.Keys];

    public static TheoryData<string> PoolFields => [.. BadPools.Keys];

    private FaultDaemon Daemon => shared.Daemon;

    private QueuedClient Client => shared.Daemon.Client;

    [Theory]
    [MemberData(nameof(SubmitFields))]
    public async Task A_submit_with_a_bad_value_names_its_field(string field)
    {
        var error = await Assert.ThrowsAsync<InvalidRequestException>(
            () => Client.SubmitAsync("square", 1, BadOptions[field]));

        Assert.Equal((Invalid, field, false), (error.Reason, error.Field, error.IsTransient));
    }

    [Theory]
    [MemberData(nameof(PoolFields))]
    public async Task A_pool_with_a_bad_value_names_its_field(string field)
    {
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => Client.Pools.CreateAsync(BadPools[field]));

        Assert.Equal((Invalid, field), (error.Reason, error.Field));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a name")]
    [InlineData("bell\a")]
    public async Task A_handler_with_a_bad_name_is_refused(string handler)
    {
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => Client.SubmitAsync(handler, 1));

        Assert.Equal((Invalid, "task.handler"), (error.Reason, error.Field));
    }

    [Fact]
    public async Task One_bad_task_of_many_stops_none_of_the_others()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var options = new SubmitOptions { Queue = pool.Name };
        var payload = TaskPayload.FromJson("3");

        var results = await Client.SubmitManyAsync(
        [
            new("square", payload, options),
            new("square", payload, options with { Delay = Negative }),
            new("square", payload, options with { Queue = "nowhere" }),
            new("square", payload, options),
        ]);

        Assert.IsType<InvalidRequestException>(results[1].Error);
        Assert.IsType<QueueNotFoundException>(results[2].Error);
        Assert.True((await results[0].GetTask().WaitAsync()).IsSuccess);
        Assert.True((await results[3].GetTask().WaitAsync()).IsSuccess);
    }

    [Fact]
    public async Task A_handler_that_is_not_offered_fails_the_task_and_names_those_that_are()
    {
        await using var pool = await Daemon.AddPoolAsync(1);

        var task = await pool.SubmitAsync<int, int>("cube", 3);
        var error = await Assert.ThrowsAsync<TaskFailedException>(() => task.GetResultAsync());

        Assert.Equal((FailureKind.Rejected, 0), (error.Failure!.Kind, error.Attempt));
        Assert.Contains("cube", error.Message, StringComparison.Ordinal);
        Assert.Contains("exit-0", error.Message, StringComparison.Ordinal);
        Assert.Equal(task.Id, Assert.Single(await pool.DeadAsync()).Id);
    }

    [Fact]
    public async Task A_payload_that_the_handler_cannot_read_is_rejected_without_a_retry()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var options = new SubmitOptions { Retry = new RetryPolicy { MaxAttempts = 5 } };

        var outcome = await (await pool.SubmitAsync<string, int>("square", "three", options)).WaitAsync();

        Assert.Equal((TaskState.Failed, 1), (outcome.State, outcome.Attempt));
        Assert.Equal(FailureKind.Rejected, outcome.Failure!.Kind);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_named()
    {
        var submit = await Assert.ThrowsAsync<QueueNotFoundException>(
            () => Client.SubmitAsync("square", 1, new SubmitOptions { Queue = "nowhere" }));
        Assert.Contains("nowhere", submit.Message, StringComparison.Ordinal);
        Assert.Equal("task.queue", submit.Field);

        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.Queues.GetAsync("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.Queues.PauseAsync("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.Queues.PurgeAsync("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.Queues.DeleteAsync("nowhere"));
        var declare = await Assert.ThrowsAsync<InvalidRequestException>(() => Client.Queues.DeclareAsync("no where"));
        Assert.Equal("name", declare.Field);
    }

    [Fact]
    public async Task A_payload_over_the_limit_names_the_limit()
    {
        var limit = (await Client.GetStatusAsync()).Limits["payload_bytes_max"];
        var queue = Client.Queue<byte[]>("letters");

        // A task's payload would go by shared memory.
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => queue.PutAsync(new byte[limit + 1]));

        Assert.Equal(("PAYLOAD_TOO_LARGE", "payload_bytes_max"), (error.Reason, error.Resource));
        Assert.Contains(limit.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_is_full_names_the_limit_and_may_be_tried_again()
    {
        await Client.Queues.DeclareAsync("small", new QueuePolicy { TasksMax = 1 });
        var options = new SubmitOptions { Queue = "small" };
        await Client.SubmitAsync("square", 1, options);

        var error = await Assert.ThrowsAsync<CapacityExceededException>(
            () => Client.SubmitAsync("square", 2, options));

        Assert.Equal(("QUEUE_FULL", true), (error.Reason, error.IsTransient));
        Assert.Contains("small", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_nobody_knows_is_not_found()
    {
        var unknown = new TaskId(9_007_199_254_740_991);

        await Assert.ThrowsAsync<TaskNotFoundException>(() => Client.GetTaskAsync(unknown));
        await Assert.ThrowsAsync<TaskNotFoundException>(() => Client.WaitAsync(unknown));
        await Assert.ThrowsAsync<TaskNotFoundException>(() => Client.CancelTaskAsync(unknown));
        await Assert.ThrowsAsync<TaskNotFoundException>(() => Client.RetryTaskAsync(unknown));
        await Assert.ThrowsAsync<TaskNotFoundException>(async () =>
        {
            await foreach (var _ in Client.ReadTaskLogsAsync(unknown))
            {
                Assert.Fail("There is nothing to read.");
            }
        });
    }

    [Fact]
    public async Task A_task_that_has_ended_cannot_be_cancelled_and_one_that_has_not_cannot_be_retried()
    {
        var task = await Client.SubmitAsync("square", 1, new SubmitOptions { Delay = TimeSpan.FromHours(1) });
        var retry = await Assert.ThrowsAsync<PreconditionFailedException>(() => Client.RetryTaskAsync(task.Id));
        Assert.Equal("TASK_NOT_FINISHED", retry.Reason);
        Assert.Equal(TaskState.Cancelled, (await task.CancelAsync()).State);

        var cancel = await Assert.ThrowsAsync<PreconditionFailedException>(() => task.CancelAsync());

        Assert.Equal("TASK_FINISHED", cancel.Reason);
        Assert.Contains($"{task.Id}", cancel.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TaskCancelledException>(() => task.GetResultAsync());
    }

    [Fact]
    public async Task An_idempotency_key_with_other_content_is_a_conflict()
    {
        var options = new SubmitOptions { IdempotencyKey = "order-7", Delay = TimeSpan.FromHours(1) };
        var first = await Client.SubmitAsync("square", 1, options);
        var same = await Client.SubmitAsync("square", 1, options);
        Assert.Equal((first.Id, true), (same.Id, same.Deduplicated));

        var error = await Assert.ThrowsAsync<ConflictException>(() => Client.SubmitAsync("square", 2, options));

        Assert.Equal("IDEMPOTENCY_CONFLICT", error.Reason);
        Assert.Contains("order-7", error.Message, StringComparison.Ordinal);
        await first.CancelAsync();
    }

    [Fact]
    public async Task Pools_and_workers_that_are_not_there_or_are_there_already_are_named()
    {
        await Assert.ThrowsAsync<PoolNotFoundException>(() => Client.Pools.GetAsync("nowhere"));
        await Assert.ThrowsAsync<PoolNotFoundException>(() => Client.Pools.ScaleAsync("nowhere", 1));
        await Assert.ThrowsAsync<WorkerNotFoundException>(() => Client.Workers.StopAsync("w999999"));
        var id = await Assert.ThrowsAsync<InvalidRequestException>(() => Client.Workers.StopAsync("seven"));
        Assert.Equal("worker_id", id.Field);

        await using var pool = await Daemon.AddColdPoolAsync(0);
        var twice = await Assert.ThrowsAsync<ConflictException>(
            () => Client.Pools.CreateAsync(GoodPool with { Name = pool.Name }));
        Assert.Equal("POOL_EXISTS", twice.Reason);
        Assert.Contains(pool.Name, twice.Message, StringComparison.Ordinal);
        var size = await Assert.ThrowsAsync<InvalidRequestException>(() => Client.Pools.ScaleAsync(pool.Name, 5000));
        Assert.Equal("size", size.Field);
        Assert.Contains("1024", size.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_is_not_there_is_named()
    {
        var address = $"unix:{Path.Combine(Daemon.Folder, "nobody.sock")}";
        await using var client = new QueuedClient(
            new QueuedClientOptions { Address = address, ReconnectTimeout = TimeSpan.Zero });

        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => client.SubmitAsync("square", 1));

        Assert.True(error.IsTransient);
        Assert.Contains(address, error.Message, StringComparison.Ordinal);
    }
}
