using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Queued.Protocol.Streams;
using Queued.Protocol.V1;
using Queued.Worker.Connection;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Worker.Tests;

/// <summary>A stream over a socket of its own, against a daemon of which a test holds the other end.</summary>
public sealed class StreamCallTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly string _directory = Directory.CreateTempSubdirectory("queued-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Grpc.Net.Client.GrpcChannel _channel;

    public StreamCallTests()
    {
        _channel = DaemonChannel.Open(Address);
        _listener.Bind(new UnixDomainSocketEndPoint(Address.SocketPath + StreamSocketPath.Suffix));
        _listener.Listen(4);
    }

    private DaemonAddress Address => DaemonAddress.Parse($"unix:{_directory}/s");

    public void Dispose()
    {
        _channel.Dispose();
        _listener.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Messages_go_both_ways_until_both_have_ended()
    {
        var (call, daemon) = await OpenAsync();
        using var ends = daemon;
        await call.RequestStream.WriteAsync(new WorkRequest { Credits = 7 });
        Assert.Equal(7u, WorkRequest.Parser.ParseFrom((await ReadAsync(daemon)).Body.Span).Credits);
        await daemon.WriteAsync(FrameKind.Message, new WorkResponse { Drain = DrainReason.DaemonStopping });
        Assert.True(await call.ResponseStream.MoveNext(default));
        Assert.Equal(DrainReason.DaemonStopping, call.ResponseStream.Current.Drain);
        await call.RequestStream.CompleteAsync();
        Assert.Equal(FrameKind.End, (await ReadAsync(daemon)).Kind);
        await daemon.WriteAsync(FrameKind.End, new RpcStatus());
        Assert.False(await call.ResponseStream.MoveNext(default));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        call.Dispose();
    }

    [Fact]
    public async Task A_refusal_comes_with_its_details()
    {
        var (call, daemon) = await OpenAsync();
        using var ends = daemon;
        var refusal = new RpcStatus { Code = (int)StatusCode.FailedPrecondition, Message = "Not so." };
        await daemon.WriteAsync(FrameKind.End, refusal);
        var error = await FailureAsync(call);
        Assert.Equal((StatusCode.FailedPrecondition, "Not so."), (error.StatusCode, error.Status.Detail));
        Assert.Equal(refusal.ToByteArray(), error.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Equal(error.StatusCode, (await FailureAsync(call)).StatusCode);
        call.Dispose();
    }

    [Fact]
    public async Task A_daemon_that_is_gone_is_unavailable_and_the_cause_says_that_there_was_a_connection()
    {
        var (call, daemon) = await OpenAsync();
        daemon.Dispose();
        var error = await FailureAsync(call);
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.IsType<IOException>(error.Status.DebugException);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true) await call.RequestStream.WriteAsync(new WorkRequest());
        });
        call.Dispose();
    }

    [Fact]
    public async Task A_call_that_is_cancelled_ends_at_both_sides()
    {
        using var cancel = new CancellationTokenSource();
        var (call, daemon) = await OpenAsync(cancellationToken: cancel.Token);
        var reading = FailureAsync(call);
        await cancel.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await reading).StatusCode);
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(daemon));
        call.Dispose();
    }

    [Fact]
    public async Task A_daemon_that_answers_no_ping_counts_as_gone()
    {
        var (call, daemon) = await OpenAsync(TimeSpan.FromMilliseconds(50));
        using var ends = daemon;
        var error = await FailureAsync(call);
        Assert.Equal(
            (StatusCode.Unavailable, "The daemon gives no sign of life."), (error.StatusCode, error.Status.Detail));
        call.Dispose();
    }

    [Fact]
    public async Task A_daemon_that_answers_pings_may_be_silent_as_long_as_it_likes()
    {
        var (call, daemon) = await OpenAsync(TimeSpan.FromMilliseconds(200));
        using var ends = daemon;
        var reading = call.ResponseStream.MoveNext(default);
        var listening = ReadAsync(daemon);
        for (var look = 0; look < 5; look++)
        {
            // Long enough for a ping that is not answered to end it.
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            await timer.WaitForNextTickAsync();
        }

        Assert.False(reading.IsCompleted || listening.IsCompleted);
        await daemon.WriteAsync(FrameKind.Message, new WorkResponse());
        Assert.True(await reading.WaitAsync(Deadline));
        call.Dispose();
    }

    [Fact]
    public async Task Where_nobody_listens_for_streams_the_call_goes_over_HTTP_2()
    {
        _listener.Dispose();
        var call = new WorkerService.WorkerServiceClient(DaemonChannel.Invoker(_channel, Address)).Work();
        var error = await FailureAsync(call);
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("There is no such socket", error.Status.DebugException!.ToString(), StringComparison.Ordinal);
        call.Dispose();
    }

    private static async Task<Frame> ReadAsync(FrameSocket socket)
    {
        Frame frame;
        while (!socket.TryRead(out frame))
            await socket.WaitAsync(default).AsTask().WaitAsync(Deadline);
        return frame;
    }

    private static Task<RpcException> FailureAsync(AsyncDuplexStreamingCall<WorkRequest, WorkResponse> call) =>
        Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(default).WaitAsync(Deadline));

    private async Task<(AsyncDuplexStreamingCall<WorkRequest, WorkResponse> Call, FrameSocket Daemon)> OpenAsync(
        TimeSpan? pingDelay = null, CancellationToken cancellationToken = default)
    {
        var worker = new WorkerService.WorkerServiceClient(DaemonChannel.Invoker(_channel, Address, pingDelay));
        var call = worker.Work(cancellationToken: cancellationToken);
        var accepting = _listener.AcceptAsync(CancellationToken.None).AsTask();
        var daemon = new FrameSocket(await accepting.WaitAsync(Deadline, CancellationToken.None), 1 << 20);
        var first = await ReadAsync(daemon);
        Assert.Equal(
            (FrameKind.Call, "/queued.v1.WorkerService/Work"), (first.Kind, Encoding.UTF8.GetString(first.Body.Span)));
        return (call, daemon);
    }
}
