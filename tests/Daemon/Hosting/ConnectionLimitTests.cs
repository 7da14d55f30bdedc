using System.Net.Sockets;
using Queued.Daemon.Hosting;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Hosting;

public sealed class ConnectionLimitTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly List<Socket> _sockets = [];

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1024, 150, 4, 694)]
    [InlineData(1024, 150, 4000, 355)]
    [InlineData(200, 150, 4, 16)]
    [InlineData(1_000_000, 150, 4, 16 * 1024)]
    [InlineData(long.MaxValue, 150, int.MaxValue, 16 * 1024)]
    public void Connections_leave_room_for_the_runtime_and_for_all_workers(
        long max, int open, int workers, int connections) =>
        Assert.Equal(connections, OpenFiles.ForConnections(max, open, workers));

    [Fact]
    public async Task More_connections_than_there_is_room_for_are_refused_with_a_line_that_names_the_limit()
    {
        await using var daemon = DaemonProcess.StartLimited(400, _directory, "--set", "exec.size=200");
        await daemon.ReadyAsync();
        Assert.Contains("The limit of open files is 400, which is few for 200 workers", daemon.Errors);
        using (var channel = DaemonProcess.Connect(_directory.Socket))
        {
            var client = new DaemonService.DaemonServiceClient(channel);
            for (var i = 0; i < 400; i++) await ConnectAsync();
            await daemon.SeesErrorAsync("as many as the limit of open files allows (LimitNOFILE, ulimit -n)");
            _sockets.ForEach(socket => socket.Dispose());
            await Eventually.IsTrueAsync(() => Answers(client), "the daemon lives, and has places again");
        }
    }

    private static bool Answers(DaemonService.DaemonServiceClient client)
    {
        try
        {
            return client.GetStatus(new GetStatusRequest()).Version.Length > 0;
        }
        catch (Grpc.Core.RpcException)
        {
            // The places of those who have gone are not free yet.
            return false;
        }
    }

    private async Task ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _sockets.Add(socket);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_directory.Socket));
    }
}
