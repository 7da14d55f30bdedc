using Grpc.Core;

namespace Queued.Daemon.Edge.Streams;

/// <summary>What a call knows of itself that came over a socket for streams: it is local, and has no headers.</summary>
internal sealed class StreamCallContext(string method) : ServerCallContext
{
    private readonly List<Action> _completed = [];

    /// <summary>Called once its last word has been handed to the kernel, or cannot be.</summary>
    public void OnCompleted(Action completed) => _completed.Add(completed);

    public void Complete() => _completed.ForEach(completed => completed());

    protected override string MethodCore => method;

    protected override string HostCore => "localhost";

    protected override string PeerCore => "unix:";

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => Metadata.Empty;

    /// <summary>The end of the connection ends the reader, and with it the call.</summary>
    protected override CancellationToken CancellationTokenCore => CancellationToken.None;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore { get; } = new(null, []);

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) =>
        throw new NotSupportedException("A stream passes nothing on.");

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) =>
        throw new NotSupportedException("A stream over its own socket has no headers.");
}
