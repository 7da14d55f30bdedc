using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Edge;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;
using Command = Queued.Broker.Command;
using PipeMode = Queued.Protocol.V1.PipeMode;
using PipeSide = Queued.Protocol.V1.PipeSide;
using WaitTarget = Queued.Protocol.V1.WaitTarget;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Pipes and waits for several things, as unary calls and on the stream of a session.</summary>
public sealed class PipeTests : IAsyncLifetime
{
    private static readonly Duration Nothing = new();

    private BrokerHost _host = null!;
    private PipeService.PipeServiceClient _pipes = null!;
    private SessionService.SessionServiceClient _sessions = null!;

    public async Task InitializeAsync()
    {
        _host = await BrokerHost.StartAsync(new BrokerLoopOptions { Limits = BrokerHost.SmallLimits });
        _pipes = new PipeService.PipeServiceClient(_host.Open());
        _sessions = new SessionService.SessionServiceClient(_host.Open());
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Calls_open_send_receive_poll_list_and_close()
    {
        await using var one = await TestSession.OpenAsync(_host, "one");
        await using var two = await TestSession.OpenAsync(_host, "two");
        var first = await _pipes.OpenPipeAsync(
            new OpenPipeRequest { SessionId = one.Id, Name = "p", BufferBytes = 99 });
        var second = await _pipes.OpenPipeAsync(new OpenPipeRequest { SessionId = two.Id, Name = "p" });
        Assert.Equal((PipeSide.First, PipeMode.Duplex, 99UL), (first.Side, first.Mode, first.BufferBytes));
        Assert.Equal((PipeSide.Second, 99UL), (second.Side, second.BufferBytes));

        var sent = await _pipes.SendToPipeAsync(Send(one, first, "hello", "there"));
        Assert.Equal(2U, sent.SentCount);
        Assert.True((await _pipes.PollPipeAsync(Poll(two, second))).Ready);
        var listed = Assert.Single((await _pipes.ListPipesAsync(new ListPipesRequest())).Pipes);
        Assert.Equal(("one", "two", 2UL, 10UL), (
            listed.First.Holder, listed.Second.Holder, listed.Second.WaitingMessages, listed.Second.WaitingBytes));
        var received = await _pipes.ReceiveFromPipeAsync(Receive(two, second, 5));
        Assert.Equal(["hello", "there"], Texts(received));
        Assert.Equal("text/plain", received.Messages[0].ContentType);
        Assert.False((await _pipes.PollPipeAsync(Poll(two, second))).Ready);

        await _pipes.ClosePipeAsync(Close(one, first));
        Assert.True((await _pipes.ReceiveFromPipeAsync(Receive(two, second, 1))).End);
        await _pipes.ClosePipeAsync(Close(two, second));
        Assert.Empty((await _pipes.ListPipesAsync(new ListPipesRequest())).Pipes);
    }

    [Fact]
    public async Task A_session_carries_out_all_of_it_on_its_stream()
    {
        await using var one = await TestSession.OpenAsync(_host);
        await using var two = await TestSession.OpenAsync(_host);
        var first = (await one.AskAsync(new SessionOperation { Tag = 1, OpenPipe = new() { Name = "p" } })).OpenPipe;
        var second = (await two.AskAsync(new SessionOperation { Tag = 1, OpenPipe = new() { Name = "p" } })).OpenPipe;
        await two.SendAsync(
            new SessionOperation { Tag = 2, PollPipe = Poll(two, second, new Duration { Seconds = 60 }) },
            new SessionOperation { Tag = 3, WaitAny = Any(second.PipeEndId) });
        await one.SendAsync(
            new SessionOperation { SendToPipe = Send(one, first, "silent") },
            new SessionOperation { Tag = 2, SendToPipe = Send(one, first, "asked") });
        Assert.Equal(1U, (await one.ResultAsync()).SendToPipe.SentCount);
        Assert.True((await two.ResultAsync()).PollPipe.Ready);
        Assert.Equal([0U], (await two.ResultAsync()).WaitAny.Ready);

        var received = await two.AskAsync(new SessionOperation
        {
            Tag = 4,
            ReceiveFromPipe = new() { PipeEndId = second.PipeEndId, MessagesMax = 9 },
        });
        Assert.Equal(["silent", "asked"], Texts(received.ReceiveFromPipe));
        await two.SendAsync(new SessionOperation
        {
            Tag = 5,
            ReceiveFromPipe = new() { PipeEndId = second.PipeEndId },
        });
        Assert.Equal(2UL, (await one.AskAsync(new SessionOperation { Tag = 2, ClosePipe = Close(one, first) })).Tag);
        Assert.True((await two.ResultAsync()).ReceiveFromPipe.End);
    }

    [Fact]
    public async Task What_failed_without_a_tag_names_its_end()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var send = new SendToPipeRequest { PipeEndId = 77, Messages = { Message("lost") } };
        var failed = await session.AskAsync(new SessionOperation { SendToPipe = send });
        Assert.Equal((0UL, 77UL), (failed.Tag, failed.PipeEndId));
        RpcAssert.Refused(failed.Error, "PIPE_NOT_FOUND", "pipe_end_id");

        send.Wait = new Duration { Seconds = -1 };
        failed = await session.AskAsync(new SessionOperation { SendToPipe = send });
        Assert.Equal(77UL, failed.PipeEndId);
        RpcAssert.Refused(failed.Error, "INVALID_REQUEST", "wait");
        var close = new ClosePipeRequest { PipeEndId = 78 };
        Assert.Equal(78UL, (await session.AskAsync(new SessionOperation { ClosePipe = close })).PipeEndId);
    }

    [Fact]
    public async Task Bad_fields_are_named()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var open = new OpenPipeRequest { SessionId = session.Id, Name = "p" };
        await InvalidAsync(new(open) { Name = "no such name" }, "name");
        await InvalidAsync(new(open) { Mode = (PipeMode)9 }, "mode");
        await InvalidAsync(new(open) { Side = (PipeSide)9 }, "side");
        await InvalidAsync(new(open) { BufferBytes = ulong.MaxValue }, "buffer_bytes");
        await InvalidAsync(new(open) { SessionId = "" }, "session_id");
        await RpcAssert.FailsAsync(
            async () => await _pipes.OpenPipeAsync(new(open) { SessionId = "s9-none" }),
            StatusCode.NotFound, "SESSION_NOT_FOUND", "session_id");

        var end = await _pipes.OpenPipeAsync(open);
        await RpcAssert.FailsAsync(
            async () => await _pipes.OpenPipeAsync(new(open) { Mode = PipeMode.OneWay }),
            StatusCode.AlreadyExists, "STATE_CONFLICT", "mode");
        await RpcAssert.FailsAsync(
            async () => await _pipes.OpenPipeAsync(new(open) { Side = PipeSide.First }),
            StatusCode.FailedPrecondition, "PIPE_END_TAKEN", "side");
        await RpcAssert.FailsAsync(
            async () => await _pipes.SendToPipeAsync(Send(session, end)),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "messages");
        await RpcAssert.FailsAsync(
            async () => await _pipes.SendToPipeAsync(new(Send(session, end)) { Wait = new() { Seconds = 3601 } }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "wait");
        var large = new Payload { Data = ByteString.CopyFrom(new byte[BrokerHost.SmallLimits.PayloadBytesMax + 1]) };
        await RpcAssert.FailsAsync(
            async () => await _pipes.SendToPipeAsync(new(Send(session, end)) { Messages = { large } }),
            StatusCode.InvalidArgument, "PAYLOAD_TOO_LARGE", "messages[0].data");
        await RpcAssert.FailsAsync(
            async () => await _pipes.ReceiveFromPipeAsync(Receive(session, end, 101)),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "messages_max");
        await RpcAssert.FailsAsync(
            async () => await _pipes.ClosePipeAsync(new() { SessionId = session.Id, PipeEndId = 1 }),
            StatusCode.NotFound, "PIPE_NOT_FOUND", "pipe_end_id");
        await RpcAssert.FailsAsync(
            async () => await _pipes.ListPipesAsync(new() { PageSize = 1001 }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "page_size");
    }

    [Fact]
    public async Task A_wait_for_any_needs_a_session_only_for_pipes_and_names_the_bad_target()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var end = await _pipes.OpenPipeAsync(new() { SessionId = session.Id, Name = "p" });
        var task = (await _host.Tasks.SubmitTaskAsync(new() { Task = new() { Handler = "h" } })).TaskId;
        var wait = _sessions.WaitAnyAsync(new() { Targets = { new WaitTarget { TaskId = task } } });
        await _host.Tasks.CancelTaskAsync(new() { TaskId = task });
        Assert.Equal([0U], (await wait).Ready);

        var both = new WaitAnyRequest
        {
            SessionId = session.Id,
            Targets = { new WaitTarget { PipeEndId = end.PipeEndId }, new WaitTarget { TaskId = task } },
        };
        Assert.Equal([1U], (await _sessions.WaitAnyAsync(both)).Ready);
        var quick = new WaitAnyRequest { SessionId = session.Id, Wait = Nothing, Targets = { both.Targets[0] } };
        Assert.Empty((await _sessions.WaitAnyAsync(quick)).Ready);
        await RpcAssert.FailsAsync(
            async () => await _sessions.WaitAnyAsync(new(both) { SessionId = "" }),
            StatusCode.NotFound, "PIPE_NOT_FOUND", "targets[0].pipe_end_id");
        both.Targets.Add(new WaitTarget());
        await RpcAssert.FailsAsync(
            async () => await _sessions.WaitAnyAsync(both),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "targets[2].target");
    }

    [Fact]
    public void What_came_for_a_call_that_had_ended_is_put_back()
    {
        var undo = PipeOperations.ReceiveInCall(7).Undo!;
        var session = new SessionId(1);
        TaskPayload[] messages = [new(new byte[] { 1 }, "")];

        var back = Assert.IsType<Command.ReturnToPipe>(undo(new Response.PipeReceived(messages, false), session));

        Assert.Equal((session, new PipeEndId(7), messages), (back.Session, back.End, back.Messages));
        Assert.Null(undo(new Response.PipeReceived([], true), session));
    }

    [Fact]
    public async Task The_end_of_a_session_is_the_end_of_its_pipes()
    {
        await using var two = await TestSession.OpenAsync(_host);
        PipeService.PipeServiceClient pipes = new(_host.Open());
        OpenPipeResponse second;
        await using (var one = await TestSession.OpenAsync(_host))
        {
            var first = await _pipes.OpenPipeAsync(new() { SessionId = one.Id, Name = "p" });
            second = await _pipes.OpenPipeAsync(new() { SessionId = two.Id, Name = "p" });
            await one.SendAsync(new SessionOperation { SendToPipe = Send(one, first, "last") });
            await one.CloseAsync();
        }

        var wait = new Duration { Seconds = 60 };
        var received = await pipes.ReceiveFromPipeAsync(Receive(two, second, 9, wait));
        Assert.Equal(["last"], Texts(received));
        Assert.True(received.End || (await pipes.ReceiveFromPipeAsync(Receive(two, second, 1, wait))).End);
        await RpcAssert.FailsAsync(
            async () => await pipes.SendToPipeAsync(Send(two, second, "x")),
            StatusCode.FailedPrecondition, "PIPE_CLOSED", "pipe_end_id");
    }

    private Task<Google.Rpc.Status> InvalidAsync(OpenPipeRequest request, string field) => RpcAssert.FailsAsync(
        async () => await _pipes.OpenPipeAsync(request), StatusCode.InvalidArgument, "INVALID_REQUEST", field);

    private static Payload Message(string text) =>
        new() { Data = ByteString.CopyFromUtf8(text), ContentType = "text/plain" };

    private static IEnumerable<string> Texts(ReceiveFromPipeResponse received) =>
        received.Messages.Select(message => message.Data.ToStringUtf8());

    private static SendToPipeRequest Send(TestSession session, OpenPipeResponse end, params string[] texts) => new()
    {
        SessionId = session.Id,
        PipeEndId = end.PipeEndId,
        Messages = { texts.Select(Message) },
    };

    private static ReceiveFromPipeRequest Receive(
        TestSession session, OpenPipeResponse end, int messages, Duration? wait = null) => new()
        {
            SessionId = session.Id,
            PipeEndId = end.PipeEndId,
            MessagesMax = (uint)messages,
            Wait = wait ?? Nothing,
        };

    private static PollPipeRequest Poll(TestSession session, OpenPipeResponse end, Duration? wait = null) =>
        new() { SessionId = session.Id, PipeEndId = end.PipeEndId, Wait = wait };

    private static ClosePipeRequest Close(TestSession session, OpenPipeResponse end) =>
        new() { SessionId = session.Id, PipeEndId = end.PipeEndId };

    private static WaitAnyRequest Any(ulong end) => new() { Targets = { new WaitTarget { PipeEndId = end } } };
}
