using Queued.Protocol.Streams;

namespace Queued.Daemon.Tests.Streams;

/// <summary>Holds all threads of the poll, so that what happens to a socket meanwhile is one event of it.</summary>
internal sealed class BusyPoll : IDisposable
{
    private static readonly int Threads = Math.Clamp(Environment.ProcessorCount, 2, 16);

    private readonly List<SocketPair> _pairs = [];
    private readonly CountdownEvent _held = new(Threads);
    private readonly ManualResetEventSlim _free = new();
    private readonly List<Task> _holding = [];

    public static BusyPoll Begin()
    {
        var poll = new BusyPoll();
        for (var n = 0; n < Threads; n++)
        {
            var pair = new SocketPair();
            poll._pairs.Add(pair);
            poll._holding.Add(poll.HoldAsync(pair.Far));
            pair.RawNear.Send([(byte)FrameKind.End, 0, 0, 0, 0]);
        }

        Assert.True(poll._held.Wait(Eventually.Deadline));
        return poll;
    }

    public void Free()
    {
        _free.Set();
        Assert.True(Task.WaitAll([.. _holding], Eventually.Deadline));
    }

    public void Dispose()
    {
        Free();
        _pairs.ForEach(pair => pair.Dispose());
        _held.Dispose();
        _free.Dispose();
    }

    /// <summary>Without lending the thread, as nobody should.</summary>
    private async Task HoldAsync(FrameSocket socket)
    {
        await socket.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _held.Signal();
        Assert.True(_free.Wait(Eventually.Deadline));
    }
}
