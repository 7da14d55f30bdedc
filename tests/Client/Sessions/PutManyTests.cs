using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>In which order the pieces of a long put go.</summary>
public sealed class PutManyTests : SessionTests
{
    [Fact]
    public async Task No_piece_is_begun_before_the_queue_is_used_so_that_none_overtakes_another()
    {
        var read = 0;
        var put = Client.Queue<int>("letters").PutManyAsync(Enumerable.Range(0, 3 * 1024).Select(number =>
        {
            Interlocked.Increment(ref read);
            return number;
        }));
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal("letters", use.UseQueue.Queue);
        Assert.Equal(0, Volatile.Read(ref read));

        await Daemon.AnswerAsync(new SessionResult { Tag = use.Tag, UseQueue = new() });

        var pieces = await Daemon.OperationsAsync(3);
        Assert.Equal(
            ["0", "1024", "2048"],
            pieces.Select(piece => piece.PutMessages.Payloads[0].Data.ToStringUtf8()));
        foreach (var piece in pieces)
        {
            var ids = Enumerable.Range(1, 1024).Select(id => (ulong)id);
            await Daemon.AnswerAsync(
                new SessionResult { Tag = piece.Tag, PutMessages = new() { MessageIds = { ids } } });
        }

        Assert.Equal(3 * 1024, await put.WaitAsync(Patience));
    }
}
