using Google.Protobuf;
using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>What an end of a pipe asks the daemon for, and when.</summary>
public sealed class PipeTests : SessionTests
{
    private const ulong End = 7;
    [Fact]
    public async Task Sends_go_without_a_tag_and_one_now_and_then_asks_for_an_answer()
    {
        var (pipe, _) = await OpenAsync(buffer: 400);
        var sending = SendAsync(pipe, count: 10, length: 40);
        // A quarter of the window is 100 bytes, which every third one reaches; ten fill the window.
        var sends = await Daemon.OperationsAsync(10);
        await sending.WaitAsync(Patience);
        Assert.Equal([2, 5, 8], Enumerable.Range(0, 10).Where(place => sends[place].Tag != 0));

        var more = pipe.SendAsync(new byte[40]).AsTask();
        Assert.False(more.IsCompleted);
        await Daemon.SentAsync(sends[2]);
        await more.WaitAsync(Patience);
        Assert.Equal(40, (await Daemon.OperationsAsync(1))[0].SendToPipe.Messages[0].Data.Length);
    }

    [Fact]
    public async Task A_close_is_sent_also_where_its_caller_waits_no_longer()
    {
        var (pipe, _) = await OpenAsync(buffer: 100);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipe.CloseSendingAsync(cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pipe.CloseAsync(cancelled).AsTask());

        var closes = await Daemon.OperationsAsync(2);
        Assert.Equal([true, false], closes.Select(close => close.ClosePipe.SendingOnly));
    }

    [Fact]
    public async Task A_message_longer_than_the_window_goes_alone_and_asks()
    {
        var (pipe, _) = await OpenAsync(buffer: 100);
        await pipe.SendAsync(new byte[900]);
        var send = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.NotEqual(0UL, send.Tag);
        var next = pipe.SendAsync(new byte[1]).AsTask();
        Assert.False(next.IsCompleted);

        await Daemon.SentAsync(send);

        await next.WaitAsync(Patience);
        var error = await Assert.ThrowsAsync<InvalidRequestException>(
            () => pipe.SendAsync(new byte[ScriptedSession.PayloadBytesMax + 1]).AsTask());
        Assert.Equal("PAYLOAD_TOO_LARGE", error.Reason);
    }

    [Fact]
    public async Task What_failed_without_a_tag_fails_those_who_wait_and_all_that_follow()
    {
        var (pipe, _) = await OpenAsync(buffer: 100);
        await pipe.SendAsync(new byte[900]);
        var waiting = pipe.SendAsync(new byte[1]).AsTask();

        await Daemon.FailAsync(End, ScriptedDaemon.Error("PIPE_CLOSED", "Nobody is there."));

        await Assert.ThrowsAsync<PipeClosedException>(() => waiting.WaitAsync(Patience));
        await Assert.ThrowsAsync<PipeClosedException>(() => pipe.SendAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task A_receive_that_was_answered_goes_out_again_with_the_next_send()
    {
        var (pipe, receives) = await OpenAsync(buffer: 1000);
        Assert.All(receives, receive => Assert.NotNull(receive.ReceiveFromPipe));

        await Daemon.ReceivedAsync(receives[0], false, Message(1));
        AssertIs(1, await pipe.ReceiveAsync(Patience));
        await pipe.SendAsync([2]);

        var message = await Daemon.NextAsync();
        Assert.Equal(
            [SessionOperation.OperationOneofCase.ReceiveFromPipe, SessionOperation.OperationOneofCase.SendToPipe],
            message.Operations.Select(operation => operation.OperationCase));
    }

    [Fact]
    public async Task The_last_receive_but_one_is_worth_a_message_of_its_own()
    {
        var (pipe, receives) = await OpenAsync(buffer: 1000);
        foreach (var receive in receives.Take(3)) await Daemon.ReceivedAsync(receive, false, Message(1));
        for (var number = 0; number < 3; number++) await pipe.ReceiveAsync(Patience);

        Assert.Equal(3, (await Daemon.OperationsAsync(3)).Count(operation => operation.ReceiveFromPipe is not null));
    }

    [Fact]
    public async Task What_has_come_is_received_before_the_end_and_before_a_lost_session()
    {
        var (pipe, receives) = await OpenAsync(buffer: 1000);
        await Daemon.ReceivedAsync(receives[0], false, Message(1));
        await Daemon.ReceivedAsync(receives[1], true, Message(2), Message(3));
        AssertIs(1, await pipe.ReceiveAsync(Patience));
        Assert.True(await pipe.PollAsync(Patience));
        Assert.True(pipe.TryReceive(out var second));
        AssertIs(2, second);

        Daemon.End();

        AssertIs(3, await pipe.ReceiveAsync(Patience));
        await Assert.ThrowsAsync<PipeClosedException>(() => pipe.ReceiveAsync(Patience).AsTask());
        await Assert.ThrowsAsync<SessionLostException>(async () =>
        {
            while (true) await pipe.SendAsync([1]);
        });
    }

    [Fact]
    public async Task A_lost_session_ends_every_wait()
    {
        var (pipe, _) = await OpenAsync(buffer: 100);
        await pipe.SendAsync(new byte[900]);
        var send = pipe.SendAsync(new byte[1]).AsTask();
        var receive = pipe.ReceiveAsync().AsTask();
        var poll = pipe.PollAsync(Timeout.InfiniteTimeSpan).AsTask();

        Daemon.End();

        await Assert.ThrowsAsync<SessionLostException>(() => send.WaitAsync(Patience));
        await Assert.ThrowsAsync<SessionLostException>(() => receive.WaitAsync(Patience));
        await Assert.ThrowsAsync<SessionLostException>(() => poll.WaitAsync(Patience));
        await pipe.CloseAsync();
    }

    private static async Task SendAsync(PipeEnd<byte[]> pipe, int count, int length)
    {
        for (var number = 0; number < count; number++) await pipe.SendAsync(new byte[length]);
    }

    private static void AssertIs(byte content, byte[] message) => Assert.Equal(content, Assert.Single(message));

    private static Payload Message(byte content) => new() { Data = ByteString.CopyFrom(content) };

    private async Task<(PipeEnd<byte[]> Pipe, List<SessionOperation> Receives)> OpenAsync(ulong buffer)
    {
        var pipe = Client.Pipe<byte[]>("p");
        var opening = pipe.OpenAsync().AsTask();
        var receives = await Daemon.OpenPipeAsync(End, buffer);
        await opening.WaitAsync(Patience);
        return (pipe, receives);
    }
}
