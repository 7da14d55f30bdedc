using System.Diagnostics;
using System.Net.Sockets;
using Grpc.Net.Client;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Hosting;

public sealed class IdleConnectionTests : IDisposable
{
    // Kestrel looks at its connections once a second.
    private static readonly TimeSpan SomeLooks = TimeSpan.FromSeconds(3);

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_connection_stays_while_nobody_calls()
    {
        await using var daemon = DaemonProcess.Start(_directory);
        await daemon.ReadyAsync();
        var connections = 0;
        using var channel = GrpcChannel.ForAddress("http://queued", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    Interlocked.Increment(ref connections);
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(_directory.Socket), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
            DisposeHttpClient = true,
        });
        var client = new DaemonService.DaemonServiceClient(channel);
        await client.GetStatusAsync(new GetStatusRequest());
        var opened = Stopwatch.GetTimestamp();

        await Eventually.IsTrueAsync(() => Stopwatch.GetElapsedTime(opened) > SomeLooks, "Kestrel has looked");
        await client.GetStatusAsync(new GetStatusRequest());

        Assert.Equal(1, connections);
    }
}
