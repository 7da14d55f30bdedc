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
