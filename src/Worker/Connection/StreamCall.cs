using System.Buffers;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Queued.Protocol.Streams;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Worker.Connection;

/// <summary>
/// One call of a stream over a socket of its own; see <see cref="FrameSocket"/> and docs/protocol.md. For its caller it
/// is as one over HTTP/2, also where it fails.
/// </summary>
internal sealed class StreamCall<TRequest, TResponse>
    : IAsyncStreamReader<TResponse>, IClientStreamWriter<TRequest>, IDisposable
    where TRequest : class
    where TResponse : class
{
    private const string StatusTrailer = "grpc-status-details-bin";

    private readonly FrameSocket _socket;
    private readonly FrameReader<TResponse> _reader;
    private readonly FrameWriter<TRequest> _writer;
    private readonly CancellationToken _cancelled;
    private readonly CancellationTokenRegistration _registration;
    private readonly Timer? _pings;
    private readonly TimeSpan _pingDelay;
    private readonly PeerWatch _daemon;
    private RpcException? _refused;
    private volatile bool _isUnanswered;

    private StreamCall(
        FrameSocket socket, Func<ReadOnlySequence<byte>, TResponse> parse, CallOptions options, TimeSpan? pingDelay)
    {
        _socket = socket;
        _daemon = new PeerWatch(socket);
        _reader = new FrameReader<TResponse>(socket, parse, End, Broken);
        _writer = new FrameWriter<TRequest>(socket);
        _cancelled = options.CancellationToken;
        _registration = _cancelled.UnsafeRegister(static call => ((FrameSocket)call!).Dispose(), socket);
        if (pingDelay is { } delay)
        {
            // Not a periodic one: that catches up at once on looks that it has missed while the process did not run.
            _pingDelay = delay;
            _pings = new Timer(_ => LookForLife(), null, delay, Timeout.InfiniteTimeSpan);
        }
    }

    public WriteOptions? WriteOptions { get; set; }

    public TResponse Current => _reader.Current;

    public static AsyncDuplexStreamingCall<TRequest, TResponse> Open(
        Socket socket, Method<TRequest, TResponse> method, CallOptions options, TimeSpan? pingDelay)
    {
        var frames = new FrameSocket(socket, Array.MaxLength);
        var deserialize = method.ResponseMarshaller.ContextualDeserializer;
        var call = new StreamCall<TRequest, TResponse>(
            frames, body => deserialize(new Received(body)), options, pingDelay);
        call.Begin(method.FullName);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call,
            call,
            Task.FromResult(Metadata.Empty),
            () => call._refused?.Status ?? Status.DefaultSuccess,
            () => call._refused?.Trailers ?? Metadata.Empty,
            call.Dispose);
    }

    public Task<bool> MoveNext(CancellationToken cancellationToken) => _refused is null
        ? _reader.MoveNext(cancellationToken)
        : Task.FromException<bool>(_refused);

    public Task WriteAsync(TRequest message) => _writer.WriteAsync(message);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken) =>
        _writer.WriteAsync(message, cancellationToken);

    public Task CompleteAsync() => _writer.CompleteAsync();

    public void Dispose()
    {
        _pings?.Dispose();
        _registration.Dispose();
        _socket.Dispose();
    }

    private void Begin(string method)
    {
        try
        {
            // Few bytes, and the socket is new: the kernel has them at once.
            _ = _socket.WriteAsync(FrameKind.Call, Encoding.UTF8.GetBytes(method)).AsTask();
        }
        catch (IOException)
        {
            // It was closed at once; the reader hears of it.
        }
    }

    private void End(Frame frame)
    {
        if (frame.Kind != FrameKind.End)
            throw new IOException($"The daemon sent a frame of the kind {(int)frame.Kind}, which has no place here.");
        var status = RpcStatus.Parser.ParseFrom(frame.Body.Span);
        if (status.Code == (int)StatusCode.OK)
            return;
        _refused = new RpcException(
            new Status((StatusCode)status.Code, status.Message),
            new Metadata { { StatusTrailer, frame.Body.ToArray() } });
        throw _refused;
    }

    private RpcException Broken(IOException exception)
    {
        if (_cancelled.IsCancellationRequested)
            return new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled.", exception));
        var cause = _isUnanswered ? new IOException("The daemon gives no sign of life.", exception) : exception;
        return new RpcException(new Status(StatusCode.Unavailable, cause.Message, cause));
    }

    private void LookForLife()
    {
        if (!_daemon.IsGone())
        {
            _pings!.Change(_pingDelay, Timeout.InfiniteTimeSpan);
            return;
        }

        _isUnanswered = true;
        _socket.Dispose();
    }

    /// <summary>A message as the marshallers of gRPC want it.</summary>
    private sealed class Received(ReadOnlySequence<byte> body) : DeserializationContext
    {
        public override int PayloadLength => (int)body.Length;

        public override byte[] PayloadAsNewBuffer() => body.ToArray();

        public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => body;
    }
}
