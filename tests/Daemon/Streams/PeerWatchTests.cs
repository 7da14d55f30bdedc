using System.Buffers.Binary;
using Queued.Protocol.Streams;

namespace Queued.Daemon.Tests.Streams;

public sealed class PeerWatchTests : IDisposable
{
    private const int HeaderBytes = 5;

    private readonly SocketPair _pair = new();
    private readonly PeerWatch _watch;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _reading;
    private readonly List<byte> _unread = [];

    public PeerWatchTests()
    {
        _watch = new PeerWatch(_pair.Far);
        _reading = SocketPair.ReadAsync(_pair.Far, _end.Token);
    }

    public void Dispose()
    {
        _end.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => _reading.GetAwaiter().GetResult());
        _pair.Dispose();
        _end.Dispose();
    }

    [Fact]
    public void A_peer_that_does_not_answer_is_gone()
    {
        Assert.False(_watch.IsGone());
        Assert.Equal(FrameKind.Ping, Assert.Single(Take()));
        Assert.True(_watch.IsGone());
    }

    [Fact]
    public async Task A_peer_that_could_not_be_asked_since_it_had_much_to_read_is_asked_when_it_has_read_that()
    {
        var writing = _pair.Far.WriteAsync(FrameKind.Message, new byte[SocketPair.SendBufferBytes * 3]).AsTask();
        Assert.False(_watch.IsGone());
        var taken = new List<FrameKind>();
        await Eventually.IsTrueAsync(
            () =>
            {
                taken.AddRange(Take());
                return taken.Count == 1;
            },
            "the message is read");
        await writing;

        Assert.False(_watch.IsGone());
        Assert.False(_watch.IsGone());
        Assert.Equal(FrameKind.Ping, Assert.Single(Take()));
        Assert.True(_watch.IsGone());
    }

    [Fact]
    public void A_peer_that_reads_nothing_of_what_waits_for_it_is_gone()
    {
        var writing = _pair.Far.WriteAsync(FrameKind.Message, new byte[SocketPair.SendBufferBytes * 3]);
        Assert.False(writing.IsCompleted);
        Assert.False(_watch.IsGone());
        Assert.True(_watch.IsGone());
    }

    /// <summary>What the peer has got since, as far as it is whole.</summary>
    private List<FrameKind> Take()
    {
        var buffer = new byte[SocketPair.BodyBytesMax];
        while (_pair.RawNear.Available > 0)
            _unread.AddRange(buffer.AsSpan(0, _pair.RawNear.Receive(buffer)));

        var kinds = new List<FrameKind>();
        while (_unread.Count >= HeaderBytes)
        {
            var header = _unread.GetRange(0, HeaderBytes).ToArray();
            var length = HeaderBytes + (int)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1));
            if (_unread.Count < length) break;
            kinds.Add((FrameKind)header[0]);
            _unread.RemoveRange(0, length);
        }

        return kinds;
    }
}
