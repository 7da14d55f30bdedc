using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Queued.Daemon.Tests.Hosting;
using Queued.Protocol.Streams;
using Queued.Protocol.V1;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Daemon.Tests.Streams;

/// <summary>The socket for streams of the real program, and callers who do not keep to the protocol.</summary>
public sealed class StreamListenerTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly DaemonProcess _daemon;

    public StreamListenerTests() => _daemon = DaemonProcess.Start(_directory, "--set", "daemon.log_level=debug");

    private string StreamPath => _directory.Socket + StreamSocketPath.Suffix;

    public Task InitializeAsync() => _daemon.ReadyAsync();

    public async Task DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_stream_works_and_ends_as_over_HTTP_2()
    {
        using var call = Call("/queued.v1.SessionService/OpenSession");
        await call.WriteAsync(FrameKind.Message, new OpenSessionRequest { ClientName = "frames" });
        var opened = OpenSessionResponse.Parser.ParseFrom((await SocketPair.ReadAsync(call)).Body.Span);
        Assert.NotEmpty(opened.SessionId);
        await call.WriteAsync(FrameKind.End, []);
        Assert.Equal(StatusCode.OK, (await EndAsync(call)).Status);
    }

    [Fact]
    public async Task A_refusal_has_the_same_details_as_over_HTTP_2()
    {
        using var call = Call("/queued.v1.WorkerService/Work");
        await call.WriteAsync(
            FrameKind.Message, new WorkRequest { Hello = new Hello { ProtocolVersion = 99, Slots = 1 } });
        var (status, end) = await EndAsync(call);
        Assert.Equal(StatusCode.FailedPrecondition, status);
        Assert.Contains("speaks protocol version 99", end.Message, StringComparison.Ordinal);
        Assert.Equal("PROTOCOL_UNSUPPORTED", end.GetDetail<Google.Rpc.ErrorInfo>().Reason);
    }

    [Theory]
    [InlineData("/queued.v1.TaskService/GetTask", "/queued.v1.TaskService/GetTask is no stream that is served here.")]
    [InlineData("", " is no stream that is served here.")]
    public async Task Only_the_streams_of_the_contract_are_served(string method, string message)
    {
        using var call = Call(method);
        var (status, end) = await EndAsync(call);
        Assert.Equal((StatusCode.Unimplemented, message), (status, end.Message));
    }

    [Fact]
    public async Task A_message_that_is_none_of_the_contract_is_its_senders_fault()
    {
        using var call = Call("/queued.v1.TaskService/Connect");
        await call.WriteAsync(FrameKind.Message, [0xff, 0xff, 0xff]);
        var (status, end) = await EndAsync(call);
        Assert.Equal(StatusCode.InvalidArgument, status);
        Assert.StartsWith("The message is not what the protocol says", end.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/queued.v1.SessionService/OpenSession", 9)]
    [InlineData("/queued.v1.WorkerService/Work", (int)FrameKind.Call)]
    [InlineData("/queued.v1.TaskService/Connect", (int)FrameKind.Call)]
    public async Task A_frame_that_has_no_place_is_its_senders_fault(string method, int kind)
    {
        using var call = Call(method);
        await call.WriteAsync((FrameKind)kind, []);
        var (status, end) = await EndAsync(call);
        Assert.Equal(StatusCode.InvalidArgument, status);
        Assert.StartsWith($"A frame of the kind {kind} has no place here", end.Message, StringComparison.Ordinal);
        Assert.Equal("INVALID_REQUEST", end.GetDetail<Google.Rpc.ErrorInfo>().Reason);
        Assert.DoesNotContain("failed", _daemon.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_too_long_is_refused_before_it_is_sent()
    {
        using var socket = Connect();
        socket.Send([(byte)FrameKind.Call, 0, 0, 0, 30, .. "/queued.v1.TaskService/Connect"u8]);
        socket.Send([(byte)FrameKind.Message, 0x7f, 0, 0, 0]);
        using var call = new FrameSocket(socket, SocketPair.BodyBytesMax);
        var (status, end) = await EndAsync(call);
        Assert.Equal(StatusCode.ResourceExhausted, status);
        Assert.StartsWith("The message has 2130706432 bytes, more than ", end.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "more than")]
    [InlineData("\u0002\0\0\0\u0001x", "a frame of the kind 2 and 1 bytes, which is no call")]
    public async Task Who_speaks_something_else_is_closed(string text, string reason)
    {
        using var socket = Connect();
        socket.Send(Encoding.ASCII.GetBytes(text));
        Assert.Equal(0, await ReceiveAsync(socket));
        await _daemon.SeesErrorAsync(reason);
    }

    [Fact]
    public async Task Who_says_nothing_is_closed()
    {
        using var socket = Connect();
        Assert.Equal(0, await ReceiveAsync(socket));
        await _daemon.SeesErrorAsync("it said nothing for 00:00:10");
    }

    [Fact]
    public async Task Clients_that_die_in_mid_frame_leave_no_session()
    {
        using var channel = DaemonProcess.Connect(_directory.Socket);
        var status = new DaemonService.DaemonServiceClient(channel);
        for (var n = 0; n < 20; n++)
        {
            var call = Call("/queued.v1.SessionService/OpenSession");
            await call.WriteAsync(FrameKind.Message, new OpenSessionRequest { ClientName = $"frames {n}" });
            await SocketPair.ReadAsync(call);
            call.Dispose();
            using var half = Connect();
            half.Send([(byte)FrameKind.Call, 0, 0, 0, 30, .. "/queued.v1.TaskService/Connect"u8]);
            half.Send([(byte)FrameKind.Message, 0, 0, 0, 9, 1]);
        }

        await Eventually.IsTrueAsync(
            async () => (await status.GetStatusAsync(new GetStatusRequest())).SessionCount == 0,
            () => "no session is left");
        Assert.DoesNotContain("failed", _daemon.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_socket_has_the_mode_of_the_other() =>
        Assert.Equal(File.GetUnixFileMode(_directory.Socket), File.GetUnixFileMode(StreamPath));

    [Fact]
    public async Task A_daemon_that_stops_says_so_on_the_stream_and_leaves_no_socket()
    {
        using var call = Call("/queued.v1.SessionService/OpenSession");
        await call.WriteAsync(FrameKind.Message, new OpenSessionRequest { ClientName = "frames" });
        await SocketPair.ReadAsync(call);
        _daemon.Signal(DaemonProcess.Terminate);
        var (status, end) = await EndAsync(call);
        Assert.Equal(StatusCode.Unavailable, status);
        Assert.Equal("DAEMON_DRAINING", end.GetDetail<Google.Rpc.ErrorInfo>().Reason);
        Assert.Equal(0, await _daemon.ExitAsync());
        Assert.False(File.Exists(StreamPath));
    }

    private static async Task<(StatusCode Status, RpcStatus End)> EndAsync(FrameSocket call)
    {
        var frame = await SocketPair.ReadAsync(call);
        while (frame.Kind == FrameKind.Message) frame = await SocketPair.ReadAsync(call);
        Assert.Equal(FrameKind.End, frame.Kind);
        var status = RpcStatus.Parser.ParseFrom(frame.Body.Span);
        return ((StatusCode)status.Code, status);
    }

    private static async Task<int> ReceiveAsync(Socket socket) =>
        await socket.ReceiveAsync(new byte[1]).WaitAsync(Eventually.Deadline);

    private FrameSocket Call(string method)
    {
        var call = new FrameSocket(Connect(), SocketPair.BodyBytesMax);
        Assert.True(call.WriteAsync(FrameKind.Call, Encoding.UTF8.GetBytes(method)).AsTask().IsCompletedSuccessfully);
        return call;
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(StreamPath));
        return socket;
    }
}
