using static Queued.Broker.Tests.Limits.CoreDriver;

namespace Queued.Broker.Tests.Limits;

/// <summary>The limits on what the broker holds.</summary>
public sealed class BrokerLimitTests
{
    [Fact]
    public void Open_tasks_are_limited_over_all_queues()
    {
        var driver = new CoreDriver(new BrokerLimits { TasksMax = 2 });
        driver.Submit([Task(), Task()]);
        var rejection = driver.Submit(Task()).Rejection;
        Assert.Equal(RejectionReason.LimitReached, rejection?.Reason);
        LimitNames.AssertNames(nameof(BrokerLimits.TasksMax), rejection);
    }

    [Fact]
    public void Payload_bytes_are_limited_over_all_queues()
    {
        var driver = new CoreDriver(new BrokerLimits { PayloadBytesTotalMax = 10 });
        Assert.Null(driver.Submit(Task() with { Payload = Bytes(6) }).Rejection);
        LimitNames.AssertNames(
            nameof(BrokerLimits.PayloadBytesTotalMax), driver.Submit(Task() with { Payload = Bytes(5) }).Rejection);
        Assert.Null(driver.Submit(Task() with { Payload = Bytes(4) }).Rejection);
    }

    [Fact]
    public void Finished_tasks_are_limited_and_the_oldest_goes_first()
    {
        var driver = new CoreDriver(new BrokerLimits { FinishedTasksMax = 2 });
        var tasks = driver.Submit([Task(), Task(), Task()]).Select(result => result.Id).ToArray();
        foreach (var task in tasks) driver.Ask(request => new Command.CancelTask(request, task, "", null));
        Assert.Equal(
            RejectionReason.TaskNotFound, driver.Refusal(request =>
                new Command.GetTask(request, tasks[0], false))?.Reason);
        Assert.Equal(TaskState.Cancelled, driver.Get(tasks[1]).State);
    }

    [Fact]
    public void Result_bytes_are_limited_and_the_oldest_goes_first()
    {
        var driver = new CoreDriver(new BrokerLimits { FinishedBytesMax = 10 });
        var tasks = driver.Submit([Task(), Task()]).Select(result => result.Id).ToArray();
        var worker = driver.ConnectExternal(slots: 2, credits: 2);
        foreach (var task in tasks) driver.Settle(worker, new Settlement.Succeeded(new AttemptId(task, 1), Bytes(6)));
        Assert.Equal(
            RejectionReason.TaskNotFound, driver.Refusal(request =>
                new Command.GetTask(request, tasks[0], false))?.Reason);
        Assert.Equal(TaskState.Succeeded, driver.Get(tasks[1]).State);
    }

    [Fact]
    public void Results_dead_letters_and_failure_texts_of_all_queues_count_in_one_sum_and_the_oldest_goes_first()
    {
        var driver = new CoreDriver(new BrokerLimits { FinishedBytesMax = 100 });
        var worker = driver.ConnectExternal(slots: 1, credits: 1, "a", "b");
        string[] queues = ["a", "b", "b", "b"];
        var tasks = queues.Select(queue => driver.Submit(Task() with { Queue = queue }).Id).ToArray();
        var failure = new TaskFailure(FailureKind.Error, new string('m', 10)) { Detail = new string('d', 10) };
        driver.Settle(worker, new Settlement.Failed(new AttemptId(tasks[0], 1), failure));
        driver.Settle(worker, new Settlement.Failed(new AttemptId(tasks[1], 1), failure));
        driver.Settle(worker, new Settlement.Succeeded(new AttemptId(tasks[2], 1), Bytes(20)));
        Assert.Equal([true, true, true], tasks[..3].Select(IsThere));

        driver.Settle(worker, new Settlement.Succeeded(new AttemptId(tasks[3], 1), Bytes(41)));
        Assert.Equal([false, false, true, true], tasks.Select(IsThere));

        bool IsThere(TaskId task) => driver.Refusal(request => new Command.GetTask(request, task, false)) is null;
    }

    [Fact]
    public void Queues_are_limited()
    {
        var driver = new CoreDriver(new BrokerLimits { QueuesMax = 3 });
        Rejection? rejection = null;
        for (var index = 0; index < 4 && rejection is null; index++)
            rejection = driver.Refusal(request => new Command.DeclareQueue(request, $"q{index}", new QueueSettings()));
        LimitNames.AssertNames(nameof(BrokerLimits.QueuesMax), rejection);
    }

    [Fact]
    public void Watchers_of_a_task_and_watches_of_a_session_are_limited()
    {
        var driver = new CoreDriver(new BrokerLimits { WatchersPerTaskMax = 1, WatchesPerSessionMax = 1 });
        var tasks = driver.Submit([Task(), Task()]).Select(result => result.Id).ToArray();
        Assert.Empty(Watch(driver, 1, tasks[0]));
        LimitNames.AssertNames(nameof(BrokerLimits.WatchersPerTaskMax), Watch(driver, 2, tasks[0]).Single().Rejection);
        LimitNames.AssertNames(
            nameof(BrokerLimits.WatchesPerSessionMax), Watch(driver, 1, tasks[1]).Single().Rejection);
        driver.Tell(new Command.EndSession(new SessionId(1)));
        Assert.Empty(Watch(driver, 2, tasks[0]));
    }

    [Fact]
    public void Idempotency_keys_are_limited_until_they_run_out()
    {
        var driver = new CoreDriver(new BrokerLimits { IdempotencyKeysMax = 1 });
        var keyed = Task() with { IdempotencyKey = "a", IdempotencyTtl = TimeSpan.FromSeconds(5) };
        Assert.Null(driver.Submit(keyed).Rejection);
        LimitNames.AssertNames(
            nameof(BrokerLimits.IdempotencyKeysMax), driver.Submit(keyed with { IdempotencyKey = "b" }).Rejection);
        driver.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(driver.Submit(keyed with { IdempotencyKey = "b" }).Rejection);
    }

    [Fact]
    public void Pages_are_limited_in_size_and_in_what_they_look_at()
    {
        var driver = new CoreDriver(new BrokerLimits { PageSizeMax = 2, PageScanMax = 3 });
        driver.Submit([Task(), Task(), Task(), Task(), Task("other")]);
        var page = Assert.IsType<Response.TaskPage>(
            driver.Ask(request => new Command.ListTasks(request, new TaskQuery(), 2, null)));
        Assert.Equal(2, page.Tasks.Count);
        Assert.NotNull(page.Next);
        var scanned = Assert.IsType<Response.TaskPage>(driver.Ask(request =>
            new Command.ListTasks(request, new TaskQuery { Handler = "nobody" }, 2, null)));
        Assert.Empty(scanned.Tasks);
        Assert.NotNull(scanned.Next);
        LimitNames.AssertField(
            "page_size", driver.Refusal(request => new Command.ListTasks(request, new TaskQuery(), 3, null)));
    }

    [Fact]
    public void Attempt_records_texts_and_reasons_are_cut_at_their_limits()
    {
        var limits = new BrokerLimits { AttemptRecordsMax = 2, MessageLengthMax = 8, DetailLengthMax = 9 };
        var driver = new CoreDriver(limits);
        var worker = driver.ConnectExternal();
        var retry = new RetrySettings { MaxAttempts = 4, InitialBackoff = TimeSpan.Zero, Jitter = 0 };
        var task = driver.Submit(Task() with { Retry = retry }).Id;
        for (var attempt = 1U; attempt <= 4; attempt++)
        {
            var failure = new TaskFailure(FailureKind.Error, new string('m', 50)) { Detail = new string('d', 50) };
            driver.Settle(worker, new Settlement.Failed(new AttemptId(task, attempt), failure));
            driver.Advance(TimeSpan.FromSeconds(1));
        }

        var view = driver.Get(task);
        Assert.Equal(TaskState.Failed, view.State);
        Assert.Equal([3U, 4U], view.Attempts.Select(one => one.Attempt));
        Assert.Equal(8, view.Failure!.Message.Length);
        Assert.Equal(9, view.Failure.Detail.Length);
    }

    [Fact]
    public void Cancel_reason_past_its_limit_is_refused()
    {
        var driver = new CoreDriver(new BrokerLimits { ReasonLengthMax = 5 });
        var task = driver.Submit(Task()).Id;
        LimitNames.AssertField(
            "reason", driver.Refusal(request => new Command.CancelTask(request, task, "123456", null)));
        LimitNames.AssertField(
            "grace", driver.Refusal(request => new Command.CancelTask(request, task, "", TimeSpan.FromHours(2))));
    }

    private static IReadOnlyList<(TaskId Task, Rejection Rejection)> Watch(
        CoreDriver driver, long session, TaskId task) =>
        Assert.IsType<Response.Watched>(driver.Ask(request =>
            new Command.WatchTasks(request, new SessionId(session), [task], false))).Refused;

    [Fact]
    public void Payloads_past_the_window_are_references_with_their_length()
    {
        var driver = new CoreDriver(new BrokerLimits { PayloadWindowBytes = 10 });
        driver.Ask(request => new Command.DeclareQueue(
            request, "kept", new QueueSettings { Durability = Durability.Fsync }));
        var task = Task() with { Queue = "kept", Payload = Bytes(6) };
        var inside = driver.Submit(task).Id;
        var outside = driver.Submit(task).Id;
        var later = driver.Submit(task with { Payload = Bytes(4) }).Id;
        bool[] stored = [.. new[] { inside, outside, later }.Select(id => driver.Payload(id).IsStored)];
        Assert.Equal([false, true, false], stored);
        Assert.Equal(6, driver.Payload(outside).Length);
    }

    [Fact]
    public void One_command_purges_no_more_than_its_step_and_says_how_much_is_left()
    {
        const int step = 2;
        var driver = new CoreDriver(new BrokerLimits { PurgeStepMax = step });
        var later = Task() with { Delay = TimeSpan.FromHours(1) };
        var keyed = Task() with { ConcurrencyKey = "one", ConcurrencyLimit = 1 };
        driver.Submit([Task(), later, keyed, keyed, keyed]);
        Assert.Equal([(2, 3), (2, 1), (1, 0), (0, 0)], Enumerable.Range(0, 4).Select(_ => Purge(driver)));
    }

    private static (long Count, long Left) Purge(CoreDriver driver)
    {
        var purged = Assert.IsType<Response.Purged>(driver.Ask(request => new Command.PurgeQueue(request, "default")));
        return (purged.Count, purged.Left);
    }

    [Fact]
    public void One_end_pushes_out_no_more_than_the_step_of_its_turn_and_the_next_turns_go_on()
    {
        const int step = 2;
        var driver = new CoreDriver(new BrokerLimits { RetentionStepMax = step, FinishedBytesMax = 100 });
        var worker = driver.ConnectExternal(slots: 1, credits: 1);
        var tasks = driver.Submit([.. Enumerable.Repeat(Task(), 11)]).Select(result => result.Id).ToArray();
        foreach (var task in tasks[..10])
            driver.Settle(worker, new Settlement.Succeeded(new AttemptId(task, 1), Bytes(10)));
        driver.Settle(worker, new Settlement.Succeeded(new AttemptId(tasks[10], 1), Bytes(60)));

        Assert.Equal(9, tasks.Count(IsThere));
        Assert.Equal(step, driver.Turn(TimeSpan.Zero).OfType<Effect.TaskForgotten>().Count());
        Assert.Equal(step, driver.Turn(TimeSpan.Zero).OfType<Effect.TaskForgotten>().Count());
        Assert.Empty(driver.Turn(TimeSpan.Zero).OfType<Effect.TaskForgotten>());
        Assert.Equal([false, true, true, true, true, true], tasks[5..].Select(IsThere));

        bool IsThere(TaskId task) => driver.Refusal(request => new Command.GetTask(request, task, false)) is null;
    }

    [Fact]
    public void One_turn_forgets_no_more_than_its_step()
    {
        const int step = 2;
        var driver = new CoreDriver(new BrokerLimits { RetentionStepMax = step });
        var brief = Task() with { ResultTtl = TimeSpan.FromSeconds(1) };
        foreach (var result in driver.Submit([brief, brief, brief]))
            driver.Ask(request => new Command.CancelTask(request, result.Id, "", null));
        driver.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(step, driver.Turn(TimeSpan.FromMilliseconds(1)).OfType<Effect.TaskForgotten>().Count());
        Assert.Single(driver.Turn(TimeSpan.Zero).OfType<Effect.TaskForgotten>());
    }

    [Fact]
    public void A_step_of_retention_waits_until_the_one_before_is_on_the_disk_and_newer_ends_push_out_one_each()
    {
        const int step = 2;
        var driver = new CoreDriver(new BrokerLimits { RetentionStepMax = step, FinishedTasksMax = 6 });
        driver.Ask(request => new Command.DeclareQueue(
            request, "kept", new QueueSettings { Durability = Durability.Fsync }));
        var brief = Task() with { Queue = "kept", ResultTtl = TimeSpan.FromSeconds(1) };
        CancelAll([.. Enumerable.Repeat(brief, 5)]);
        driver.Advance(TimeSpan.FromMilliseconds(999));

        Assert.Equal(step, Forgotten(driver.Turn(TimeSpan.FromMilliseconds(1))));
        Assert.Single(driver.Effects.OfType<Effect.AwaitStore>());
        Assert.Empty(driver.Turn(TimeSpan.FromSeconds(1)));
        Assert.Equal(Instant.Never, driver.NextDeadline);
        CancelAll([.. Enumerable.Repeat(Task() with { Queue = "kept" }, 4)]);
        Assert.Equal(1, Forgotten(driver.Effects));
        Assert.Empty(driver.Effects.OfType<Effect.AwaitStore>());

        driver.Tell(new Command.StoreReached());
        Assert.True(driver.NextDeadline <= driver.Now.Monotonic);
        Assert.Equal(2, Forgotten(driver.Turn(TimeSpan.Zero)));

        void CancelAll(IReadOnlyList<TaskSubmission> tasks)
        {
            foreach (var result in driver.Submit(tasks))
                driver.Ask(request => new Command.CancelTask(request, result.Id, "", null));
        }
    }

    [Fact]
    public void A_lower_limit_of_dead_letters_pushes_out_no_more_than_the_step_of_a_turn_and_the_next_turns_go_on()
    {
        const int step = 3;
        var driver = new CoreDriver(new BrokerLimits { RetentionStepMax = step });
        var worker = driver.ConnectExternal(slots: 1, credits: 1);
        foreach (var result in driver.Submit([.. Enumerable.Repeat(Task(), 10)]))
        {
            driver.Settle(worker, new Settlement.Failed(
                new AttemptId(result.Id, 1), new TaskFailure(FailureKind.Error, "no") { NonRetryable = true }));
        }

        driver.Turn(TimeSpan.Zero);
        driver.Ask(request => new Command.DeclareQueue(request, "default", new QueueSettings { DeadMax = 2 }));

        Assert.Equal(7, Dead());
        Assert.Equal(driver.Now.Monotonic, driver.NextDeadline);
        driver.Turn(TimeSpan.Zero);
        Assert.Equal(4, Dead());
        driver.Turn(TimeSpan.Zero);
        Assert.Equal(2, Dead());

        long Dead() => Assert.IsType<Response.OneQueue>(
            driver.Ask(request => new Command.GetQueue(request, "default"))).Queue.Dead;
    }

    private static int Forgotten(List<Effect> effects) => effects.OfType<Effect.TaskForgotten>().Count();
}
