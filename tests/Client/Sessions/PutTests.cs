using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>Puts that come at the same time, and what each of them hears.</summary>
public sealed class PutTests : SessionTests
{
    public PutTests() => Clock = new HeldClock();

    [Fact]
    public async Task A_refusal_is_heard_by_who_put_the_message_where_earlier_ones_were_put()
    {
        var queue = Client.Queue<int>("letters");
        var first = queue.PutAsync(0);
        var batch = Enumerable.Range(1, 3).Select(number => queue.PutAsync(number)).ToArray();
        await UseAsync();
        await PutAsync(Assert.Single(await Daemon.OperationsAsync(1)), 1);
        await first.WaitAsync(Patience);

        var put = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal(3, put.PutMessages.Payloads.Count);
        await PutAsync(put, 1, ScriptedDaemon.Error("INVALID_REQUEST", "No.", "messages[1].payload"));

        await batch[0].WaitAsync(Patience);
        await Assert.ThrowsAsync<InvalidRequestException>(() => batch[1].WaitAsync(Patience));
        var again = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal("3", Assert.Single(again.PutMessages.Payloads).Data.ToStringUtf8());
        await PutAsync(again, 1);
        await batch[2].WaitAsync(Patience);
    }

    [Fact]
    public async Task A_put_that_may_not_wait_is_tried_while_another_waits()
    {
        var queue = Client.Queue<int>("letters");
        var waiting = queue.PutAsync(0);
        await UseAsync();
        var first = Assert.Single(await Daemon.OperationsAsync(1));

        var now = queue.PutAsync(1, new PutOptions { Timeout = TimeSpan.Zero });

        var put = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal(TimeSpan.Zero, put.PutMessages.Wait.ToTimeSpan());
        await PutAsync(put, 1);
        await now.WaitAsync(Patience);
        await PutAsync(first, 1);
        await waiting.WaitAsync(Patience);
    }

    private async Task UseAsync()
    {
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(new SessionResult { Tag = use.Tag, UseQueue = new() });
    }

    private Task PutAsync(SessionOperation put, int count, Google.Rpc.Status? error = null) => Daemon.AnswerAsync(
        new SessionResult
        {
            Tag = put.Tag,
            PutMessages = new()
            {
                MessageIds = { Enumerable.Range(1, count).Select(id => (ulong)id) },
                Error = error,
            },
        });
}
