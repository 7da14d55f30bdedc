using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Queued.Protocol.Streams;

namespace Queued.Worker.Connection;

/// <summary>Opens gRPC channels to a daemon. The client SDK uses it too.</summary>
internal static class DaemonChannel
{
    internal const int SocketBufferBytes = 1024 * 1024;
    private const int StreamWindowBytes = 8 * 1024 * 1024;

    /// <summary>How calls go over the channel, and its streams beside it where the daemon is on this machine.</summary>
    internal static CallInvoker Invoker(GrpcChannel channel, DaemonAddress address, TimeSpan? pingDelay = null) =>
        address.SocketPath is { } path && OperatingSystem.IsLinux()
            ? new StreamInvoker(channel.CreateCallInvoker(), path + StreamSocketPath.Suffix, pingDelay)
            : channel.CreateCallInvoker();

    internal static GrpcChannel Open(DaemonAddress address, TimeSpan? connectTimeout = null, TimeSpan? pingDelay = null)
    {
        var handler = new SocketsHttpHandler
        {
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            EnableMultipleHttp2Connections = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = pingDelay ?? Timeout.InfiniteTimeSpan,
            KeepAlivePingTimeout = pingDelay ?? Timeout.InfiniteTimeSpan,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectTimeout = connectTimeout ?? TimeSpan.FromSeconds(5),
            UseCookies = false,
            UseProxy = false,
            AllowAutoRedirect = false,
            // The trace context of a task travels in the task, not in the headers of a stream that outlives it.
            ActivityHeadersPropagator = null,
        };
        if (address.SocketPath is { } path)
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken);

        return GrpcChannel.ForAddress(address.Endpoint ?? new Uri("http://localhost"), new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
            MaxSendMessageSize = null,
            MaxRetryAttempts = null,
            DisableResolverServiceConfig = true,
        });
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            SendBufferSize = SocketBufferBytes,
            ReceiveBufferSize = SocketBufferBytes,
        };
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new SocketException((int)error.SocketErrorCode, $"{WhatIsWrong(error)} The address was unix:{path}.");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // What the system says of a socket file is about network addresses, which leads people astray.
    private static string WhatIsWrong(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable => "There is no such socket. Is the daemon running?",
        SocketError.ConnectionRefused => "Nobody listens on the socket. Is the daemon running?",
        SocketError.AccessDenied => "This user may not use the socket.",
        _ => error.Message,
    };
}
