namespace Queued.Client.Tests;

public sealed class ReconnectTests
{
    [Fact]
    public async Task A_submit_whose_answer_was_lost_fails_as_transient()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitAsync("square", 12);
        var stream = await daemon.AcceptAsync();
        await stream.SubmissionAsync();
        stream.End();
        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => submitting);
        Assert.Equal("CONNECTION_LOST", error.Reason);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task With_an_idempotency_key_it_is_repeated()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitAsync("square", 12, new SubmitOptions { IdempotencyKey = "once" });
        var stream = await daemon.AcceptAsync();
        await stream.SubmissionAsync();
        stream.End();

        var second = await daemon.AcceptAsync();
        var again = await second.SubmissionAsync();
        Assert.Equal(("square", "once"), (again.Task.Handler, again.Task.IdempotencyKey.Key));
        await second.AckAsync(again, 7, deduplicated: true);
        Assert.True((await submitting).Deduplicated);
    }

    [Fact]
    public async Task What_was_not_sent_yet_goes_over_the_next_stream()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitAsync("square", 12);
        var stream = await daemon.AcceptAsync(credits: 0);
        stream.End();

        var second = await daemon.AcceptAsync();
        await second.AckAsync(await second.SubmissionAsync(), 7);
        Assert.Equal(new TaskId(7), (await submitting).Id);
    }

    [Fact]
    public async Task The_outcome_of_a_task_that_was_taken_is_asked_for_again_by_its_number()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var running = client.RunAsync<int, int>("square", 12);
        var marker = client.SubmitAsync("marker", 0);
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 2, "two submissions");
        foreach (var submission in stream.Submissions)
            await stream.AckAsync(submission, submission.Task.Handler == "square" ? 7ul : 8);
        await marker;
        stream.End();

        var second = await daemon.AcceptAsync();
        await second.Until(() => second.Watches.Count == 1, "a watch");
        Assert.Equal([7ul], second.Watches);
        Assert.Empty(second.Submissions);
        await second.SucceedAsync(0, 7, "144");
        Assert.Equal(144, await running);
    }

    [Fact]
    public async Task A_daemon_that_comes_back_in_time_is_found()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var waiting = client.WaitAsync(new TaskId(5));
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Watches.Count == 1, "a watch");

        // Now the client knows that there is a daemon.
        var marker = client.SubmitAsync("marker", 0);
        await stream.AckAsync(await stream.SubmissionAsync(), 8);
        await marker;
        await daemon.DieAsync();
        await daemon.ListenAsync();

        var second = await daemon.AcceptAsync();
        await second.Until(() => second.Watches.Count == 1, "the watch again");
        await second.SucceedAsync(0, 5, "1");
        Assert.True((await waiting).IsSuccess);
    }

    [Fact]
    public async Task A_result_that_was_not_kept_is_lost_with_the_connection_and_said_so()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var running = client.RunAsync<int, int>("square", 12);
        await LoseAsync(daemon, client, "square");

        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => running);
        Assert.Equal(("CONNECTION_LOST", true), (error.Reason, error.IsTransient));
        Assert.Contains("ResultTtl", error.Message, StringComparison.Ordinal);
        Assert.IsType<TaskNotFoundException>(error.InnerException);
    }

    [Fact]
    public async Task An_input_of_a_map_whose_result_was_lost_with_the_connection_fails_alone()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapResultsAsync<int, int>("square", [12]).ToListAsync().AsTask();
        await LoseAsync(daemon, client, "square");
        Assert.IsType<DaemonUnavailableException>(Assert.Single(await mapping).Error);
    }

    [Fact]
    public async Task A_result_that_was_to_be_kept_and_is_not_there_is_not_found()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var options = new SubmitOptions { ResultTtl = TimeSpan.FromMinutes(1) };
        var running = client.RunAsync<int, int>("square", 12, options);
        await LoseAsync(daemon, client, "square");
        await Assert.ThrowsAsync<TaskNotFoundException>(() => running);
    }

    /// <summary>The daemon takes the task, the stream breaks, and on the next one the task is not known.</summary>
    private static async Task LoseAsync(ScriptedDaemon daemon, QueuedClient client, string handler)
    {
        var marker = client.SubmitAsync("marker", 0);
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 2, "two submissions");
        foreach (var submission in stream.Submissions)
            await stream.AckAsync(submission, submission.Task.Handler == handler ? 7ul : 8);
        await marker;
        stream.End();

        var second = await daemon.AcceptAsync();
        await second.Until(() => second.Watches.Count == 1, "a watch");
        var error = new Protocol.V1.StreamError
        {
            TaskId = 7,
            Error = ScriptedDaemon.Error("TASK_NOT_FOUND", "No task 7."),
        };
        await second.SendAsync(new Protocol.V1.ConnectResponse { Errors = { error } });
    }

    [Fact]
    public async Task A_daemon_that_does_not_come_back_in_time_is_given_up()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(reconnectTimeout: TimeSpan.Zero);
        var waiting = client.WaitAsync(new TaskId(5));
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Watches.Count == 1, "a watch");
        await daemon.DieAsync();
        await Assert.ThrowsAsync<DaemonUnavailableException>(() => waiting);
    }

    [Fact]
    public async Task After_it_was_given_up_the_next_call_dials_again()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(reconnectTimeout: TimeSpan.Zero);
        var waiting = client.WaitAsync(new TaskId(5));
        await daemon.AcceptAsync();
        await daemon.DieAsync();
        await Assert.ThrowsAsync<DaemonUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<DaemonUnavailableException>(() => client.SubmitAsync("square", 1));

        await daemon.ListenAsync();
        var running = client.RunAsync<int, int>("square", 12);
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(await stream.SubmissionAsync(), "144");
        Assert.Equal(144, await running);
    }
}
