using System.Buffers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Queued.Protocol.Streams;
using Queued.Protocol.V1;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Daemon.Edge.Streams;

/// <summary>
/// Calls that come over a socket of their own each: the three streams, with the same services behind them as over
/// HTTP/2. What is different is how many threads have to wake up for a message; see ADR 11.
/// </summary>
internal sealed class StreamCalls(
    TaskGrpcService tasks,
    SessionGrpcService sessions,
    WorkerGrpcService workers,
    UnknownErrorInterceptor unknown,
    TimeProvider time,
    ILogger<StreamCalls> logger) : IDisposable
{
    private const int MethodBytesMax = 256;

    /// <summary>How long a connection may take to say what it is for, as one of HTTP/2 may.</summary>
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long the last word may take where the peer does not read.</summary>
    private static readonly TimeSpan LastWordTimeout = TimeSpan.FromSeconds(1);

    private readonly BusyCalls _busy = new(time);

    public void Dispose() => _busy.Dispose();

    /// <summary>Serves one connection to its end.</summary>
    public async Task RunAsync(FrameSocket socket)
    {
        if (await ReadMethodAsync(socket) is not { } method) return;
        var context = new StreamCallContext(method);
        _busy.Add(socket);
        try
        {
            var status = method switch
            {
                "/queued.v1.TaskService/Connect" =>
                    await RunAsync<ConnectRequest, ConnectResponse>(
                        socket, ConnectRequest.Parser, tasks.Connect, context),
                "/queued.v1.SessionService/OpenSession" =>
                    await RunAsync<OpenSessionRequest, OpenSessionResponse>(
                        socket, OpenSessionRequest.Parser, sessions.OpenSession, context),
                "/queued.v1.WorkerService/Work" =>
                    await RunAsync<WorkRequest, WorkResponse>(socket, WorkRequest.Parser, workers.Work, context),
                _ => new RpcStatus
                {
                    Code = (int)StatusCode.Unimplemented,
                    Message = $"{method} is no stream that is served here.",
                },
            };
            await EndAsync(socket, status);
        }
        finally
        {
            _busy.Remove(socket);
            context.Complete();
        }
    }

    private async Task<string?> ReadMethodAsync(FrameSocket socket)
    {
        using var deadline = new CancellationTokenSource(CallTimeout, time);
        try
        {
            Frame first;
            while (!socket.TryRead(out first)) await socket.WaitAsync(deadline.Token);
            if (first.Kind == FrameKind.Call && first.Body.Length <= MethodBytesMax)
                return Encoding.UTF8.GetString(first.Body.Span);
            logger.NoCall((int)first.Kind, first.Body.Length);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            logger.SaidNothing(CallTimeout);
        }
        catch (IOException)
        {
            // The peer has gone again.
        }
        catch (RpcException exception)
        {
            logger.NoFrames(exception.Status.Detail);
        }

        return null;
    }

    private async Task<RpcStatus> RunAsync<TRequest, TResponse>(
        FrameSocket socket,
        MessageParser<TRequest> parser,
        DuplexStreamingServerMethod<TRequest, TResponse> method,
        StreamCallContext context)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class
    {
        try
        {
            await method(
                new FrameReader<TRequest>(socket, body => Parse(parser, body), CheckEnd),
                new FrameWriter<TResponse>(socket),
                context);
            return new RpcStatus();
        }
        catch (RpcException exception)
        {
            return ToStatus(exception);
        }
        catch (IOException exception) when (socket.IsOver)
        {
            return new RpcStatus { Code = (int)StatusCode.Cancelled, Message = exception.Message };
        }
#pragma warning disable CA1031 // Whatever it is, the caller is told that the daemon failed, and the log has all of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ToStatus(unknown.Translate(exception, context));
        }
    }

    private static TRequest Parse<TRequest>(MessageParser<TRequest> parser, ReadOnlySequence<byte> body)
        where TRequest : IMessage<TRequest>
    {
        try
        {
            return parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException exception)
        {
            // It is an IOException, which would mean that the connection is over.
            throw UnknownErrorInterceptor.Undecodable(exception);
        }
    }

    private static void CheckEnd(Frame frame)
    {
        if (frame.Kind == FrameKind.End) return;
        throw RpcErrors.InvalidCall(
            "frame",
            $"A frame of the kind {(int)frame.Kind} has no place here: after the call there are messages and the end.");
    }

    private async Task EndAsync(FrameSocket socket, RpcStatus status)
    {
        try
        {
            await socket.WriteAsync(FrameKind.End, status).AsTask().WaitAsync(LastWordTimeout, time);
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            // Nobody hears it.
        }
    }

    private static RpcStatus ToStatus(RpcException exception) => exception.GetRpcStatus() ?? new RpcStatus
    {
        Code = (int)exception.StatusCode,
        Message = exception.Status.Detail,
    };
}

internal static partial class StreamCallsLog
{
    [LoggerMessage(1, LogLevel.Debug, "A connection for streams was closed: it said nothing for {Timeout}")]
    public static partial void SaidNothing(this ILogger logger, TimeSpan timeout);

    [LoggerMessage(2, LogLevel.Debug,
        "A connection for streams was closed: it began with a frame of the kind {Kind} and {Bytes} bytes, which is " +
        "no call")]
    public static partial void NoCall(this ILogger logger, int kind, int bytes);

    [LoggerMessage(3, LogLevel.Debug, "A connection for streams was closed: {Reason}")]
    public static partial void NoFrames(this ILogger logger, string reason);
}
