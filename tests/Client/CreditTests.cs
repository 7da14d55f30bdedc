using Queued.Client.Maps;
using Queued.Client.Streams;
using Queued.Client.Wire;
using Queued.Protocol.V1;

namespace Queued.Client.Tests;

/// <summary>What waits for submit credits, for how long, and who goes first.</summary>
public sealed class CreditTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_task_that_is_run_does_not_wait_behind_a_map()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        using var giveUp = new CancellationTokenSource();
        var mapping = client.MapAsync<int, int>(
            "mapped", Enumerable.Range(0, 100), new MapOptions { ChunkSize = 1 }, giveUp.Token).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync(credits: 16);
        await stream.Until(() => stream.Submissions.Count == 12, "what a map may have under way");

        var running = client.RunAsync<int, int>("run", 12);
        var submission = await stream.SubmissionAsync(12);
        Assert.Equal("run", submission.Task.Handler);
        await stream.RunAsync(submission, "144");
        Assert.Equal(144, await running);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mapping);
    }

    [Fact]
    public void There_is_nothing_to_send_while_the_credits_that_are_left_are_kept_for_others()
    {
        var pending = new PendingQueue();
        pending.BeginConnection();
        Assert.NotNull(pending.TakeMessage(isFirst: true, now: 1));
        // One of them is kept for submits that only want an ack, and another for those that are no map's.
        pending.AddCredits(new ConnectResponse { SubmitCredits = 8 });
        for (var n = 0; n < 7; n++)
            pending.AddSubmission(NewTask(isOfMap: true));
        Assert.True(pending.HasMessage);
        Assert.Equal(6, Submission.In(pending.TakeMessage(isFirst: false, now: 2)!).Count());
        Assert.False(pending.HasMessage);

        pending.AddSubmission(NewTask(isOfMap: false));
        Assert.True(pending.HasMessage);
        Assert.Single(Submission.In(pending.TakeMessage(isFirst: false, now: 3)!));
        pending.AddSubmission(NewTask(isOfMap: false));
        Assert.False(pending.HasMessage);
        pending.AddSubmission(NewTask(isOfMap: false, withoutOutcome: true));
        Assert.True(pending.HasMessage);
    }

    [Theory]
    [InlineData(999, false)]
    [InlineData(1000, true)]
    public async Task An_ack_that_is_expected_soon_may_not_wait(int milliseconds, bool mayWait)
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(
            TimeSpan.FromMilliseconds(milliseconds), clock: new HeldClock(standsStill: true));
        var running = client.RunAsync<int, int>("square", 1);
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();

        Assert.Equal(mayWait, Assert.Single(stream.Requests.SelectMany(request => request.Submissions)).AckMayWait);
        await stream.RunAsync(submission, "1");
        Assert.Equal(1, await running);
    }

    [Fact]
    public async Task A_task_that_is_run_waits_for_its_turn_as_long_as_others_hold_all_credits()
    {
        var clock = new HeldClock();
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(Timeout, clock: clock);
        var first = client.RunAsync<int, int>("first", 1);
        var second = client.RunAsync<int, int>("second", 2);
        var stream = await daemon.AcceptAsync(credits: 1);
        await EstablishedAsync(client, stream);
        var submission = await stream.SubmissionAsync();
        var task = stream.NextTaskId();
        await stream.AckAsync(submission, task);

        // The stream's own, and that of all tasks.
        await clock.FireAsync(Timeout, 2);
        Assert.False(second.IsCompleted);
        Assert.Single(stream.Submissions);
        await stream.SucceedAsync(submission.Tag, task, "1");
        Assert.Equal(1, await first);
        await stream.RunAsync(await stream.SubmissionAsync(1), "4");
        Assert.Equal(4, await second);
    }

    [Fact]
    public async Task A_run_that_the_daemon_never_answers_fails_when_its_time_is_over()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(TimeSpan.FromSeconds(2));
        var running = client.RunAsync<int, int>("square", 1);
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();

        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => running);
        Assert.Equal("DEADLINE_EXCEEDED", error.Reason);
        Assert.Contains("may or may not have been added", error.Message, StringComparison.Ordinal);

        // The answer that comes too late harms nothing, and those that are answered go on.
        await stream.AckAsync(submission, 7);
        await stream.SucceedAsync(submission.Tag, 7, "1");
        var next = client.RunAsync<int, int>("square", 2);
        await stream.RunAsync(await stream.SubmissionAsync(1), "4");
        Assert.Equal(4, await next);
    }

    [Fact]
    public async Task A_submit_that_was_never_sent_for_want_of_credits_says_so()
    {
        var clock = new HeldClock();
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(Timeout, clock: clock);
        var submitting = client.SubmitAsync("square", 1);
        var stream = await daemon.AcceptAsync(credits: 0);
        await EstablishedAsync(client, stream);

        await clock.FireAsync(Timeout, 2);
        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => submitting);
        Assert.Equal(("DEADLINE_EXCEEDED", "submit_credits"), (error.Reason, error.Resource));
        Assert.Contains("was not added", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_daemon_has_the_whole_timeout_from_when_the_submit_was_sent()
    {
        var clock = new HeldClock();
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(Timeout, clock: clock);
        var submitting = client.SubmitAsync("square", 1);
        var stream = await daemon.AcceptAsync(credits: 0);
        await EstablishedAsync(client, stream);
        await stream.SendAsync(new ConnectResponse { SubmitCredits = 1 });
        var submission = await stream.SubmissionAsync();

        await clock.FireAsync(Timeout, 2);
        await stream.AckAsync(submission, 7);
        Assert.Equal(new TaskId(7), (await submitting).Id);
    }

    /// <summary>The client has heard the daemon, so that the time to open the stream is over.</summary>
    private static async Task EstablishedAsync(QueuedClient client, ScriptedStream stream)
    {
        var watching = client.WaitAsync(new TaskId(99));
        await stream.Until(() => stream.Watches.Count == 1, "a watch");
        await stream.SucceedAsync(0, 99, "0");
        await watching;
    }

    /// <summary>Of no stream and no map, which only hear of its end.</summary>
    private static PendingTask NewTask(bool isOfMap, bool withoutOutcome = false)
    {
        SubmitTemplate? latest = null;
        var template = SubmitTemplate.Of(ref latest, "h", new SubmitOptions());
        return isOfMap
            ? new MapTask<int, int>(null!, null!, 0, 1, isChunk: false) { Template = template }
            : new SubmittedTask(null!, template, TaskPayload.Empty, !withoutOutcome);
    }
}
