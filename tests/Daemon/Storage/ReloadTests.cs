using Queued.Broker;
using Queued.Daemon.Storage;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Tests.Storage;

public sealed class ReloadTests : IDisposable
{
    private readonly StoreRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_task_comes_back_with_everything_it_was_submitted_with_and_everything_that_happened_to_it()
    {
        var failure = new TaskFailure(FailureKind.ExitCode, "it ended")
        {
            ErrorType = "E",
            Detail = "d",
            ExitCode = 3,
            Signal = 9,
            PeakResidentBytes = 1 << 30,
            CpuTime = TimeSpan.FromSeconds(1.5),
            OutputTail = "tail",
            Worker = new WorkerId(7),
            ProcessId = 42,
            NonRetryable = true,
        };
        var task = new StoredTask(
            new TaskId((1UL << 53) - 1),
            new TaskSubmission
            {
                Handler = "resize",
                Queue = "images",
                Payload = StoreRig.Bytes("in"),
                Priority = -5,
                Delay = TimeSpan.FromMinutes(1),
                RunAt = StoreRig.Start,
                Retry = new RetrySettings
                {
                    MaxAttempts = 4,
                    MaxDeliveries = 5,
                    InitialBackoff = TimeSpan.FromSeconds(2),
                    Multiplier = 1.5,
                    MaxBackoff = TimeSpan.FromHours(1),
                    Jitter = 0.25,
                    NonRetryableErrorTypes = ["A", "B"],
                },
                Timeout = TimeSpan.FromSeconds(10),
                SoftTimeout = TimeSpan.FromSeconds(8),
                Grace = TimeSpan.FromSeconds(1),
                QueueTimeout = TimeSpan.FromDays(1),
                IdempotencyKey = "key",
                IdempotencyTtl = TimeSpan.FromHours(3),
                ConcurrencyKey = "user",
                ConcurrencyLimit = 2,
                ResultTtl = TimeSpan.FromDays(2),
                Traceparent = "00-1-2-01",
                Tracestate = "a=b",
                Labels = new Dictionary<string, string> { ["x"] = "1", ["ü"] = "" },
            },
            StoreRig.Start, new TaskId(3),
            new TaskStanding(TaskState.Retrying)
            {
                Attempt = 2,
                FailedAttempts = 1,
                LostDeliveries = 1,
                DueAt = StoreRig.Start.AddTicks(1),
                CancelReason = "enough",
                PastAttempts =
                [
                    new AttemptView(1, new WorkerId(7), 42, StoreRig.Start, StoreRig.Start.AddSeconds(1), failure),
                ],
                LastAttempt = new AttemptView(2, new WorkerId(8), 43, StoreRig.Start, null, null),
            });
        await WriteAsync(new Change.TaskAdded(task));

        var loaded = await _rig.ReadAsync();

        var expected = task with
        {
            Submission = task.Submission with { Payload = TaskPayload.Stored(2, "text/plain") },
        };
        Assert.Equivalent(expected, loaded.Tasks.Single(), strict: true);
        Assert.Equal(task.Id, loaded.LastTask);
    }

    [Fact]
    public async Task Queues_pools_and_keys_come_back_as_they_last_were()
    {
        var queue = new StoredQueue(
            "q",
            new QueueSettings
            {
                Durability = Durability.Fsync,
                TasksMax = 1,
                BytesMax = long.MaxValue,
                Retry = new RetrySettings { MaxAttempts = 2 },
                Timeout = TimeSpan.FromSeconds(1),
                Grace = TimeSpan.Zero,
                ResultTtl = TimeSpan.FromDays(1),
                RunningMax = 3,
                DeadMax = 4,
                Kind = QueueKind.Messages,
                Order = QueueOrder.Lifo,
            },
            QueueState.Paused);
        var pool = new PoolSettings
        {
            Name = "p",
            Size = 2,
            Queues = ["q"],
            Command = ["worker", "--fast"],
            Environment = new Dictionary<string, string> { ["A"] = "b" },
            WorkingDirectory = "/srv",
            Slots = 4,
            BootTimeout = TimeSpan.FromSeconds(5),
            HeartbeatTimeout = TimeSpan.FromSeconds(6),
            TasksMax = 100,
            AgeMax = TimeSpan.FromHours(1),
            MemorySoftBytes = 1,
            MemoryHardBytes = 2,
            RecycleJitter = 0.5,
            StopGrace = TimeSpan.FromSeconds(1),
            TermGrace = TimeSpan.FromSeconds(2),
            RestartBackoff = TimeSpan.FromSeconds(3),
            RestartBackoffMax = TimeSpan.FromSeconds(4),
            BreakerFailures = 5,
        };
        var key = new StoredKey("q", "k", new TaskId(9), UInt128.MaxValue - 5, StoreRig.Start);
        await WriteAsync(
            new Change.QueueDeclared(queue with { State = QueueState.Active }), new Change.QueueDeclared(queue),
            new Change.PoolDeclared(pool with { Size = 1 }), new Change.PoolDeclared(pool),
            new Change.KeyRemembered(key), new Change.KeyRemembered(key with { Key = "gone" }),
            new Change.KeyForgotten("q", "gone"),
            new Change.QueueDeclared(queue with { Name = "gone" }), new Change.QueueDeleted("gone"),
            new Change.PoolDeclared(pool with { Name = "gone" }), new Change.PoolDeleted("gone"));

        var loaded = await _rig.ReadAsync();

        Assert.Equivalent(new[] { queue }, loaded.Queues, strict: true);
        Assert.Equivalent(new[] { pool }, loaded.Pools, strict: true);
        Assert.Equal([key], loaded.Keys);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(3_000_000)]
    public async Task Payload_and_result_are_read_back_whatever_their_size(int length)
    {
        var (payload, result) = (new string('p', length), new string('r', length));
        await WriteAsync(StoreRig.Added(1, payload));
        await WriteAsync(StoreRig.Ended(1, result));

        var (store, loaded) = _rig.OpenLoaded();
        await using (store)
        {
            var task = loaded.Tasks.Single();
            Assert.True(task.Submission.Payload is { IsStored: true } stored && stored.Length == length);
            Assert.Equal(length, task.Standing.End!.Result!.Value.Length);
            Assert.Equal(payload, StoreRig.Text(await store.ReadPayloadAsync(task.Id, PayloadKind.Input)));
            Assert.Equal(result, StoreRig.Text(await store.ReadPayloadAsync(task.Id, PayloadKind.Result)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(1000)]
    public async Task Of_a_task_that_ended_in_the_group_that_it_came_in_payload_and_result_are_read_back(int length)
    {
        var (payload, result) = (new string('p', length), new string('r', length));
        await WriteAsync(StoreRig.Added(1, payload), StoreRig.Ended(1, result));

        var (store, loaded) = _rig.OpenLoaded();
        await using (store)
        {
            var task = loaded.Tasks.Single();
            Assert.Equal(TaskState.Succeeded, task.Standing.State);
            Assert.Equal(length, task.Standing.End!.Result!.Value.Length);
            if (length == 0) return;
            Assert.Equal(payload, StoreRig.Text(await store.ReadPayloadAsync(task.Id, PayloadKind.Input)));
            Assert.Equal(result, StoreRig.Text(await store.ReadPayloadAsync(task.Id, PayloadKind.Result)));
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    public async Task Of_a_task_that_is_removed_no_payload_is_left(int length)
    {
        await WriteAsync(StoreRig.Added(1, new string('p', length)));
        await WriteAsync(StoreRig.Ended(1, new string('r', length)));
        await WriteAsync(new Change.TaskRemoved(new TaskId(1), length));

        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadOnly);
        Assert.Equal(0, database.ReadNumber("SELECT count(*) FROM task", "test"));
        Assert.Equal(0, database.ReadNumber("SELECT count(*) FROM payload", "test"));
    }

    [Fact]
    public async Task A_retry_has_a_payload_of_its_own_when_the_first_task_is_gone()
    {
        var payload = new string('p', 1000);
        await WriteAsync(StoreRig.Added(1, payload));
        var retry = StoreRig.Added(2).Task with { RetryOf = new TaskId(1) };
        retry = retry with { Submission = retry.Submission with { Payload = TaskPayload.Stored(1000, "text/plain") } };
        await WriteAsync(new Change.TaskAdded(retry), new Change.TaskRemoved(new TaskId(1)));

        var (store, loaded) = _rig.OpenLoaded();
        await using (store)
        {
            Assert.Equal([2UL], loaded.Ids);
            Assert.Equal(payload, StoreRig.Text(await store.ReadPayloadAsync(new TaskId(2), PayloadKind.Input)));
            await Assert.ThrowsAsync<PayloadLostException>(
                async () => await store.ReadPayloadAsync(new TaskId(1), PayloadKind.Input));
        }
    }

    [Fact]
    public async Task A_payload_can_be_read_before_its_commit()
    {
        await using var store = _rig.OpenLoaded().Store;
        var append = store.AppendAsync([StoreRig.Added(1, "soon")], mustFlush: true);

        Assert.Equal("soon", StoreRig.Text(await store.ReadPayloadAsync(new TaskId(1), PayloadKind.Input)));
        await append;
    }

    [Fact]
    public async Task The_highest_number_is_known_when_its_task_is_gone()
    {
        await WriteAsync(StoreRig.Added(5), StoreRig.Added(77), new Change.TaskRemoved(new TaskId(77)));
        await WriteAsync(new Change.TaskRemoved(new TaskId(5)));

        Assert.Equal(new TaskId(77), (await _rig.ReadAsync()).LastTask);
    }

    [Fact]
    public async Task Of_a_task_that_was_added_and_removed_in_one_group_only_its_number_remains()
    {
        await WriteAsync(
            StoreRig.Added(1), StoreRig.Added(9), StoreRig.Ended(9, "x"), new Change.TaskRemoved(new TaskId(9)));

        var loaded = await _rig.ReadAsync();
        Assert.Equal([1UL], loaded.Ids);
        Assert.Equal(new TaskId(9), loaded.LastTask);
    }

    [Fact]
    public async Task A_task_that_is_copied_in_the_group_that_removes_it_is_written_first()
    {
        var payload = new string('p', 1000);
        var retry = StoreRig.Added(2).Task with { RetryOf = new TaskId(1) };
        retry = retry with { Submission = retry.Submission with { Payload = TaskPayload.Stored(1000, "text/plain") } };
        await WriteAsync(
            StoreRig.Added(1, payload), new Change.TaskAdded(retry), new Change.TaskRemoved(new TaskId(1)));

        var (store, loaded) = _rig.OpenLoaded();
        await using (store)
        {
            Assert.Equal([2UL], loaded.Ids);
            Assert.Equal(payload, StoreRig.Text(await store.ReadPayloadAsync(new TaskId(2), PayloadKind.Input)));
        }
    }

    [Fact]
    public async Task Tasks_that_say_the_same_come_back_as_one_says_it_and_others_as_themselves()
    {
        var same = StoreRig.Added(1);
        var other = StoreRig.Added(2, queue: "other");
        var attempted = same.Task with
        {
            Id = new TaskId(4),
            Standing = new TaskStanding(TaskState.Queued) { Attempt = 1, LostDeliveries = 1 },
        };
        await using (var store = _rig.OpenLoaded().Store)
        {
            await store.AppendAsync(
                [same, other, StoreRig.Added(3), new Change.TaskAdded(attempted), StoreRig.Added(5)], mustFlush: true);
        }

        var tasks = (await _rig.ReadAsync()).Tasks;

        Assert.Equal(["q", "other", "q", "q", "q"], tasks.Select(task => task.Submission.Queue));
        Assert.Equal([0, 0, 0, 1, 0], tasks.Select(task => task.Standing.LostDeliveries));
        Assert.Same(tasks[2].Submission, tasks[3].Submission);
        Assert.Same(tasks[0].Standing, tasks[1].Standing);
    }

    [Fact]
    public async Task Several_that_use_the_store_first_at_once_start_it_once()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var store = _rig.OpenLoaded().Store;
            using var barrier = new Barrier(4);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            {
                barrier.SignalAndWait();
                return store.AppendAsync([StoreRig.Added(1)], mustFlush: true).AsTask();
            })));
        }
    }

    [Fact]
    public async Task What_a_later_change_of_the_same_group_makes_pointless_is_left_out_and_the_end_is_the_same()
    {
        var dead = StoreRig.Ended(1, "r").Standing;
        dead = dead with { End = dead.End! with { IsDead = true, Result = null } };
        await WriteAsync(
            StoreRig.Added(1), new Change.TaskMoved(new TaskId(1), new TaskStanding(TaskState.Running) { Attempt = 1 }),
            StoreRig.Ended(1, "kept"), new Change.TaskMoved(new TaskId(1), dead),
            StoreRig.Added(2), StoreRig.Ended(2, "gone"), new Change.TaskRemoved(new TaskId(2)));

        var (store, loaded) = _rig.OpenLoaded();
        await using (store)
        {
            Assert.True(loaded.Tasks.Single().Standing.End!.IsDead);
            Assert.Equal("kept", StoreRig.Text(await store.ReadPayloadAsync(new TaskId(1), PayloadKind.Result)));
        }
    }

    private async Task WriteAsync(params Change[] changes)
    {
        await using var store = _rig.OpenLoaded().Store;
        await store.AppendAsync(changes, mustFlush: true);
    }
}
