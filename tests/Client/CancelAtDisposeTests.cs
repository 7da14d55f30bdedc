namespace Queued.Client.Tests;

/// <summary>
/// Whoever gives up a task before the daemon has said what its number is, and then disposes of the client, has it
/// cancelled all the same. The clock stands still: nothing ends because its time is over.
/// </summary>
public sealed class CancelAtDisposeTests
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly HeldClock _clock = new();

    [Fact]
    public async Task A_task_that_was_given_up_before_its_ack_is_cancelled_though_its_client_is_disposed()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(clock: _clock);
        var (stream, submission) = await GiveUpAsync(daemon, client);

        var disposing = client.DisposeAsync();
        await stream.AckAsync(submission, 7);
        await stream.Until(() => stream.IsHalfClosed, "its end");
        await disposing;

        Assert.Equal([7ul], stream.Cancels.Select(cancel => cancel.TaskId));
    }

    [Fact]
    public async Task The_tasks_of_a_map_that_was_left_before_their_acks_are_cancelled_though_its_client_is_disposed()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(clock: _clock);
        using var leaving = new CancellationTokenSource();
        var mapping = client
            .MapAsync<int, int>("square", [3], new MapOptions { ChunkSize = 1 }, leaving.Token).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mapping);

        var disposing = client.DisposeAsync();
        await stream.AckAsync(submission, 7);
        await stream.Until(() => stream.IsHalfClosed, "its end");
        await disposing;

        Assert.Equal([7ul], stream.Cancels.Select(cancel => cancel.TaskId));
    }

    [Fact]
    public async Task A_submit_that_was_given_up_and_is_refused_keeps_no_client()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(clock: _clock);
        var (stream, submission) = await GiveUpAsync(daemon, client);

        var disposing = client.DisposeAsync();
        await stream.RefuseAsync(submission, ScriptedDaemon.Error("QUEUE_FULL", "Full."));
        await stream.Until(() => stream.IsHalfClosed, "its end");
        await disposing;

        Assert.Empty(stream.Cancels);
    }

    [Fact]
    public async Task A_submit_that_was_given_up_and_is_never_answered_keeps_the_client_for_the_time_of_closing()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(clock: _clock);
        await GiveUpAsync(daemon, client);

        var disposing = client.DisposeAsync();
        Assert.False(disposing.IsCompleted);
        await _clock.FireAsync(CloseTimeout);
        await disposing;
    }

    private static async Task<(ScriptedStream Stream, Submission Submission)> GiveUpAsync(
        ScriptedDaemon daemon, QueuedClient client)
    {
        using var giveUp = new CancellationTokenSource();
        var running = client.RunAsync("slow", TaskPayload.Empty, cancellationToken: giveUp.Token);
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        return (stream, submission);
    }
}
