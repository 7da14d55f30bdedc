using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>A queue is used in the session as long as one handle of it is.</summary>
public sealed class LeaveTests : SessionTests
{
    private static readonly MessageQueueOptions Ephemeral = new() { Ephemeral = true };

    [Fact]
    public async Task The_last_handle_leaves_and_the_next_one_uses_it_again()
    {
        var (first, second) = (Client.Queue<int>("letters", Ephemeral), Client.Queue<int>("letters", Ephemeral));
        await UseAsync(first);
        await UseAsync(second);

        await first.DisposeAsync();
        await first.DisposeAsync();
        var leaving = second.DisposeAsync().AsTask();
        var leave = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal("letters", leave.LeaveQueue.Queue);
        var third = Client.Queue<int>("letters", Ephemeral);
        await UseAsync(third);
        Assert.False(leaving.IsCompleted);
        await Daemon.AnswerAsync(new SessionResult { Tag = leave.Tag, LeaveQueue = new() });
        await leaving.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_use_that_was_refused_says_why_whatever_comes_of_leaving()
    {
        var queue = Client.Queue<int>("tasks");
        var counting = queue.PutAsync(1);
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(
            new SessionResult { Tag = use.Tag, Error = ScriptedDaemon.Error("WRONG_KIND", "Tasks.", "queue") });
        var leave = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(
            new SessionResult { Tag = leave.Tag, Error = ScriptedDaemon.Error("QUEUE_NOT_FOUND", "None.", "queue") });

        Assert.Equal(
            "WRONG_KIND",
            (await Assert.ThrowsAsync<PreconditionFailedException>(() => counting.WaitAsync(Patience))).Reason);
        // Nothing is used, so there is nothing to leave.
        await queue.DisposeAsync().AsTask().WaitAsync(Patience);
    }

    private async Task UseAsync(MessageQueue<int> queue)
    {
        var putting = queue.PutAsync(1);
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.True(use.UseQueue.Ephemeral);
        await Daemon.AnswerAsync(new SessionResult { Tag = use.Tag, UseQueue = new() });
        var put = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(
            new SessionResult { Tag = put.Tag, PutMessages = new PutMessagesResponse { MessageIds = { 1 } } });
        await putting.WaitAsync(Patience);
    }
}
