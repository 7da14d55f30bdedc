using Queued.Protocol.V1;

namespace Queued.Client.Tests;

public sealed class OutcomeTests
{
    [Fact]
    public async Task Run_gives_the_result_and_asks_the_daemon_not_to_keep_it()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var running = client.RunAsync<int, int>("square", 12);
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        Assert.False(submission.WithoutOutcome);
        Assert.Equal(TimeSpan.Zero, submission.Task.ResultTtl.ToTimeSpan());
        await stream.RunAsync(submission, "144");
        Assert.Equal(144, await running);
    }

    [Theory]
    [InlineData(Protocol.V1.TaskState.Failed, typeof(TaskFailedException), "TASK_FAILED")]
    [InlineData(Protocol.V1.TaskState.TimedOut, typeof(TaskTimedOutException), "TASK_TIMED_OUT")]
    [InlineData(Protocol.V1.TaskState.Cancelled, typeof(TaskCancelledException), "TASK_CANCELLED")]
    [InlineData(Protocol.V1.TaskState.Expired, typeof(TaskExpiredException), "TASK_EXPIRED")]
    public async Task A_task_without_a_result_is_the_exception_of_its_state(
        Protocol.V1.TaskState state, Type exception, string reason)
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var running = client.RunAsync<int, int>("square", 12);
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        await stream.AckAsync(submission, 7);
        var failure = new Failure
        {
            Kind =
                Protocol.V1.FailureKind.Signal,
            Message =
                    "ended by a signal",
            Signal = 9,
            WorkerId = "w3",
            OutputTail = "last words",
        };
        await stream.FailAsync(submission.Tag, 7, failure, state);

        var error = (TaskUnsuccessfulException)await Assert.ThrowsAsync(exception, () => running);
        Assert.Equal(reason, error.Reason);
        Assert.Equal(new TaskId(7), error.Outcome.Id);
        Assert.Equal(1, error.Attempt);
        Assert.Equal(
            (FailureKind.Signal, 9, "last words"),
            (error.Failure!.Kind, error.Failure.Signal, error.Failure.OutputTail));
        Assert.Null(error.Failure.ExitCode);
        Assert.Contains("ended by a signal", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_outcome_of_a_submit_is_asked_for_when_somebody_waits_and_once()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitAsync<int, int>("square", 12);
        var stream = await daemon.AcceptAsync();
        await stream.AckAsync(await stream.SubmissionAsync(), 7);
        var task = await submitting;
        Assert.Empty(stream.Watches);

        var first = task.GetResultAsync();
        var second = task.WaitAsync();
        await stream.Until(() => stream.Watches.Count > 0, "a watch");
        await stream.SucceedAsync(0, 7, "144");
        Assert.Equal(144, await first);
        Assert.Equal(TaskState.Succeeded, (await second).State);
        Assert.Equal(144, await task.GetResultAsync());
        Assert.Equal([7ul], stream.Watches);
    }

    [Fact]
    public async Task Who_gives_up_waiting_unwatches_and_may_wait_again()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        using var giveUp = new CancellationTokenSource();
        var task = client.GetHandle(new TaskId(5));
        var waiting = client.WaitAsync(task.Id, giveUp.Token);
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Watches.Count == 1, "a watch");
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await stream.Until(() => stream.Unwatches.Count == 1, "an unwatch");

        var again = task.WaitAsync();
        await stream.Until(() => stream.Watches.Count == 2, "another watch");
        await stream.SucceedAsync(0, 5, "1");
        Assert.True((await again).IsSuccess);
    }

    [Fact]
    public async Task A_task_that_nobody_knows_is_not_found()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var waiting = client.WaitAsync(new TaskId(5));
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Watches.Count == 1, "a watch");
        await stream.SendAsync(new ConnectResponse
        {
            Errors = { new StreamError { TaskId = 5, Error = ScriptedDaemon.Error("TASK_NOT_FOUND", "No task 5.") } },
        });
        await Assert.ThrowsAsync<TaskNotFoundException>(() => waiting);
    }

    [Fact]
    public async Task Who_gives_up_a_run_cancels_its_task()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        using var giveUp = new CancellationTokenSource();
        var running = client.RunAsync<int, int>("square", 12, cancellationToken: giveUp.Token);
        var stream = await daemon.AcceptAsync();
        await stream.AckAsync(await stream.SubmissionAsync(), 7);
        var other = client.SubmitAsync("later", 1);
        await stream.AckAsync(await stream.SubmissionAsync(1), 8);
        await other;
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await stream.Until(() => stream.Cancels.Count == 1, "a cancel");
        Assert.Equal(7ul, stream.Cancels[0].TaskId);
    }

    [Fact]
    public async Task Outcomes_come_in_any_order_and_each_finds_its_own()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var runs = Enumerable.Range(0, 50).Select(n => client.RunAsync<int, int>("same", n)).ToList();
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 50, "50 submissions");
        foreach (var submission in stream.Submissions.Reverse())
            await stream.RunAsync(submission, submission.Task.Payload.Data.ToStringUtf8());
        Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(runs));
    }

    [Fact]
    public async Task Credits_for_outcomes_are_given_again_as_outcomes_are_taken()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var first = client.RunAsync<int, int>("same", 0);
        var stream = await daemon.AcceptAsync(credits: 100_000);
        var granted = stream.OutcomeCredits;
        await stream.PlayWorkerAsync((daemon, submission) => daemon.RunAsync(submission, "1"));
        await first;
        var count = (int)(granted / 4);
        await Task.WhenAll(Enumerable.Range(0, count).Select(n => client.RunAsync<int, int>("same", n)));
        await stream.Until(() => stream.OutcomeCredits > granted, "more credits");
        Assert.True(stream.OutcomeCredits <= granted + count + 1);
    }

    [Fact]
    public async Task Ends_are_given_as_they_come_and_the_first_is_the_first()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var tasks = new ulong[] { 1, 2, 3 }.Select(id => client.GetHandle(new TaskId(id))).ToList();
        var each = client.WhenEachAsync(tasks).GetAsyncEnumerator();
        var next = each.MoveNextAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Watches.Count == 3, "three watches");
        foreach (var id in new ulong[] { 3, 1, 2 })
        {
            await stream.SucceedAsync(0, id, "1");
            Assert.True(await next);
            Assert.Equal(new TaskId(id), each.Current.Id);
            next = each.MoveNextAsync().AsTask();
        }

        Assert.False(await next);
        await each.DisposeAsync();

        var any = client.WaitAnyAsync(tasks);
        await stream.Until(() => stream.Watches.Count == 6, "three more watches");
        await stream.SucceedAsync(0, 2, "1");
        Assert.Equal(new TaskId(2), (await any).Id);
        await stream.Until(() => stream.Unwatches.Count == 2, "two unwatches");
        await Assert.ThrowsAsync<ArgumentException>(() => client.WaitAnyAsync(Array.Empty<TaskHandle>()));
    }

    [Fact]
    public async Task Disposing_ends_the_stream_in_good_order_and_fails_who_still_waits()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        var client = daemon.Connect();
        var waiting = client.WaitAsync(new TaskId(5));
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Watches.Count == 1, "a watch");
        await client.DisposeAsync();
        Assert.True(stream.IsHalfClosed);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.SubmitAsync("square", 1));
    }
}
