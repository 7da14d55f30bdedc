using Grpc.Core;
using Queued.Protocol.Streams;

namespace Queued.Daemon.Tests.Streams;

public sealed class FrameSocketTests : IDisposable
{
    private static readonly byte[] Hello = [(byte)FrameKind.Message, 0, 0, 0, 2, 7, 8];

    private readonly SocketPair _pair = new();

    public void Dispose() => _pair.Dispose();

    [Fact]
    public async Task A_frame_that_comes_byte_by_byte_is_one_frame()
    {
        var reading = SocketPair.ReadAsync(_pair.Far);
        foreach (var one in Hello)
        {
            Assert.False(reading.IsCompleted);
            _pair.RawNear.Send([one]);
        }

        var frame = await reading;
        Assert.Equal((FrameKind.Message, "0708"), (frame.Kind, Convert.ToHexString(frame.Body.Span)));
    }

    [Fact]
    public async Task Frames_that_come_together_are_read_one_by_one()
    {
        _pair.RawNear.Send([.. Hello, .. Hello, (byte)FrameKind.End, 0, 0, 0, 0]);
        Assert.Equal(2, (await SocketPair.ReadAsync(_pair.Far)).Body.Length);
        Assert.True(_pair.Far.TryRead(out var second));
        Assert.Equal(2, second.Body.Length);
        Assert.True(_pair.Far.TryRead(out var end));
        Assert.Equal(FrameKind.End, end.Kind);
        Assert.False(_pair.Far.TryRead(out _));
    }

    [Fact]
    public async Task Frames_of_every_size_arrive_whole_and_in_order_while_the_reader_is_slow()
    {
        using var near = _pair.Near();
        var sizes = Enumerable.Range(0, 400).Select(n => n % 50 == 49 ? SocketPair.BodyBytesMax : n * 37).ToArray();
        var writing = Task.Run(async () =>
        {
            foreach (var size in sizes)
            {
                var body = new byte[size];
                body.AsSpan().Fill((byte)size);
                await near.WriteAsync(FrameKind.Message, body);
            }
        });
        foreach (var size in sizes)
        {
            var frame = await SocketPair.ReadAsync(_pair.Far);
            Assert.Equal(size, frame.Body.Length);
            Assert.Equal(-1, frame.Body.Span.IndexOfAnyExcept((byte)size));
        }

        await writing;
    }

    [Fact]
    public async Task A_frame_that_is_announced_too_long_is_refused_with_both_figures()
    {
        _pair.RawNear.Send([(byte)FrameKind.Message, 0, 0x10, 0, 1]);
        var error = await Assert.ThrowsAsync<RpcException>(() => SocketPair.ReadAsync(_pair.Far));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal("The message has 1048577 bytes, more than 1048576.", error.Status.Detail);
    }

    [Fact]
    public async Task A_long_frame_takes_memory_as_it_comes_and_not_as_it_is_announced()
    {
        const int announced = 1 << 30;
        using var pair = new SocketPair(announced);
        var reading = SocketPair.ReadAsync(pair.Far);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        pair.RawNear.Send([(byte)FrameKind.Message, 0x40, 0, 0, 0]);
        pair.RawNear.Send(new byte[SocketPair.SendBufferBytes]);
        pair.RawNear.Dispose();
        await Assert.ThrowsAsync<IOException>(() => reading);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, announced / 2);
    }

    [Fact]
    public async Task A_peer_that_ends_in_mid_frame_is_an_end_and_no_frame()
    {
        _pair.RawNear.Send(Hello.AsSpan(0, 6));
        _pair.RawNear.Dispose();
        await Assert.ThrowsAsync<IOException>(() => SocketPair.ReadAsync(_pair.Far));
        Assert.True(_pair.Far.IsOver);
    }

    [Fact]
    public async Task What_was_sent_before_the_end_is_read()
    {
        _pair.RawNear.Send(Hello);
        _pair.RawNear.Dispose();
        Assert.Equal(2, (await SocketPair.ReadAsync(_pair.Far)).Body.Length);
        await Assert.ThrowsAsync<IOException>(() => SocketPair.ReadAsync(_pair.Far));
    }

    [Fact]
    public async Task A_ping_is_answered_and_is_no_frame_for_the_reader()
    {
        using var near = _pair.Near();
        near.Ping();
        var reading = SocketPair.ReadAsync(_pair.Far);
        var answer = near.WaitAsync(default).AsTask();
        await answer.WaitAsync(Eventually.Deadline);
        Assert.False(near.TryRead(out _));
        Assert.False(reading.IsCompleted);
        Assert.False(near.TakeIsSilent());
    }

    [Fact]
    public async Task A_wait_that_is_called_off_loses_nothing()
    {
        using var over = new CancellationTokenSource();
        var reading = SocketPair.ReadAsync(_pair.Far, over.Token);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        _pair.RawNear.Send(Hello);
        Assert.Equal(2, (await SocketPair.ReadAsync(_pair.Far)).Body.Length);
    }

    [Fact]
    public async Task A_wait_ends_with_its_own_token_and_not_with_that_of_an_earlier_one()
    {
        using var earlier = new CancellationTokenSource();
        using var own = new CancellationTokenSource();
        _pair.RawNear.Send(Hello);
        await SocketPair.ReadAsync(_pair.Far, earlier.Token);
        for (var n = 0; n < 2; n++)
        {
            var reading = SocketPair.ReadAsync(_pair.Far, own.Token);
            _pair.RawNear.Send(Hello);
            await reading;
        }

        var unmoved = _pair.Far.WaitAsync(own.Token).AsTask();
        await earlier.CancelAsync();
        _pair.RawNear.Send(Hello);
        await unmoved.WaitAsync(Eventually.Deadline);
        Assert.True(_pair.Far.TryRead(out _));

        var ended = _pair.Far.WaitAsync(own.Token).AsTask();
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended.WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task Whoever_waits_when_it_is_disposed_hears_of_it()
    {
        var reading = SocketPair.ReadAsync(_pair.Far);
        var writing = Task.Run(async () =>
        {
            while (true) await _pair.Far.WriteAsync(FrameKind.Message, new byte[SocketPair.BodyBytesMax]);
        });
        _pair.Far.Dispose();
        await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(Eventually.Deadline));
        await Assert.ThrowsAsync<IOException>(() => writing.WaitAsync(Eventually.Deadline));
        await Assert.ThrowsAsync<IOException>(() => SocketPair.ReadAsync(_pair.Far));
    }

    [Fact]
    public async Task A_write_that_the_peer_does_not_take_can_be_cut()
    {
        using var over = new CancellationTokenSource();
        var writer = new FrameWriter<Queued.Protocol.V1.WorkRequest>(_pair.Far);
        var message = new Queued.Protocol.V1.WorkRequest
        {
            Logs = { new Queued.Protocol.V1.AttemptLog { Line = new string('x', 8 << 20) } },
        };
        var writing = writer.WriteAsync(message, over.Token);
        Assert.False(writing.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(Eventually.Deadline));
        Assert.True(_pair.Far.IsOver);
    }

    [Fact]
    public async Task Threads_that_are_lent_to_code_that_blocks_hold_nobody_up()
    {
        using var release = new ManualResetEventSlim();
        var pairs = Enumerable.Range(0, 40).Select(_ => new SocketPair()).ToList();
        var blocked = pairs.Select(async pair =>
        {
            await SocketPair.ReadAsync(pair.Far);
            SocketPoll.Lend();
            Assert.True(release.Wait(Eventually.Deadline));
        }).ToList();
        foreach (var pair in pairs) pair.RawNear.Send(Hello);

        var reading = SocketPair.ReadAsync(_pair.Far);
        _pair.RawNear.Send(Hello);
        Assert.Equal(2, (await reading.WaitAsync(Eventually.Deadline)).Body.Length);
        release.Set();
        await Task.WhenAll(blocked).WaitAsync(Eventually.Deadline);
        pairs.ForEach(pair => pair.Dispose());
    }

    [Fact]
    public async Task A_socket_that_its_writer_disposes_of_before_what_has_come_is_received_is_over_for_its_reader()
    {
        using var poll = BusyPoll.Begin();
        var write = _pair.Far.WriteAsync(FrameKind.Message, new byte[SocketPair.SendBufferBytes * 3]);
        Assert.False(write.IsCompleted);
        var writing = WriteThenDisposeAsync(write);
        var reading = SocketPair.ReadAsync(_pair.Far);

        // No thread is free to hear of either, so that both are one event.
        var buffer = new byte[SocketPair.BodyBytesMax];
        while (_pair.RawNear.Available > 0) _pair.RawNear.Receive(buffer);
        _pair.RawNear.Send(Hello);
        poll.Free();
        await writing.WaitAsync(Eventually.Deadline);
        await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(Eventually.Deadline));
    }

    private async Task WriteThenDisposeAsync(ValueTask write)
    {
        await write.ConfigureAwait(false);
        _pair.Far.Dispose();
    }
}
