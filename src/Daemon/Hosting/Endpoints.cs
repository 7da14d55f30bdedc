using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Queued.Daemon.Hosting;

/// <summary>Where the daemon can be reached, and how Kestrel serves it: HTTP/2 for gRPC and nothing else.</summary>
internal static class Endpoints
{
    private const int ConnectionWindowBytes = 16 * 1024 * 1024;
    private const int StreamWindowBytes = 8 * 1024 * 1024;
    private const int StreamsPerConnectionMax = 100;
    private const int BufferBytesMax = 4 * 1024 * 1024;
    private const int SocketBufferBytes = 1024 * 1024;

    // Not infinite: Kestrel adds that to its clock, which overflows, and every connection without a call is closed
    // within a second.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromDays(365);

    public static void Configure(WebApplicationBuilder builder, SocketFile socketFile, IPEndPoint? listen, int workers)
    {
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(options =>
        {
            // Frames are read and written where the socket is: a call's own code runs elsewhere all the same.
            options.UnsafePreferInlineScheduling = true;
            options.MaxReadBufferSize = BufferBytesMax;
            options.MaxWriteBufferSize = BufferBytesMax;
            options.CreateBoundListenSocket = endpoint => Bind(endpoint, socketFile);
        });
        var connectionsMax = OpenFiles.ForConnections(OpenFiles.Max, OpenFiles.Count(), workers);
        builder.Services.AddSingleton(services => new ConnectionLimit(
            connectionsMax,
            OpenFiles.Max - OpenFiles.Spare,
            TimeProvider.System,
            services.GetRequiredService<ILogger<ConnectionLimit>>()));
        builder.Services.AddSingleton<IConnectionListenerFactory, LimitedSockets>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel.Limits);
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(socketFile.Path, options =>
            {
                Serve(options);
                var policy = new PeerPolicy(
                    socketFile, options.ApplicationServices.GetRequiredService<ILogger<PeerPolicy>>());
                options.Use(policy.Guard);
            });
            if (listen is not null)
            {
                kestrel.Listen(listen, Serve);
            }
        });
    }

    /// <summary>
    /// What is served, as clients write it. For a port 0 the one that was taken, once the server has started.
    /// </summary>
    public static string[] Addresses(IServer server, SocketFile socketFile)
    {
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return [$"unix:{socketFile.Path}",
            .. bound.Where(address => !address.StartsWith("http://unix:", StringComparison.Ordinal))];
    }

    private static void Serve(ListenOptions options)
    {
        options.Protocols = HttpProtocols.Http2;
        var logger = options.ApplicationServices.GetRequiredService<ILogger<PrefaceDeadline>>();
        options.Use(new PrefaceDeadline(TimeProvider.System, logger).Guard);
    }

    /// <summary>A socket that has its address, and can be listened on.</summary>
    /// <exception cref="StartupException">It cannot be had.</exception>
    public static Socket Bind(EndPoint endpoint, SocketFile socketFile)
    {
        Socket socket;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        }
        catch (SocketException e)
        {
            throw new StartupException(ExitCode.InUse, $"{endpoint} cannot be listened on: {e.Message}");
        }

        socket.SendBufferSize = SocketBufferBytes;
        socket.ReceiveBufferSize = SocketBufferBytes;
        if (endpoint is UnixDomainSocketEndPoint)
        {
            socketFile.Bound();
        }

        return socket;
    }

    private static void SetLimits(KestrelServerLimits limits)
    {
        // A worker may be silent for hours; who is hung is for heartbeats to say, not for a data rate.
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        limits.Http2.MaxStreamsPerConnection = StreamsPerConnectionMax;
        // Every endpoint is of this machine, also one of TCP, which is loopback alone: the kernel ends the connections
        // of a dead peer. An endpoint beyond it would need pings, or what a lost machine holds is held for ever.
        limits.Http2.KeepAlivePingDelay = Timeout.InfiniteTimeSpan;
        limits.KeepAliveTimeout = IdleTimeout;
    }
}
