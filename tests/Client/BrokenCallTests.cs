using System.Net.Sockets;
using Grpc.Core;

namespace Queued.Client.Tests;

/// <summary>A daemon that is not there and one that went away in the middle of a call are different things.</summary>
public sealed class BrokenCallTests
{
    public static TheoryData<string, Exception?> Causes() => new()
    {
        { ErrorMapping.Unreachable, null },
        { ErrorMapping.Unreachable, new SocketException((int)SocketError.ConnectionRefused) },
        { ErrorMapping.Unreachable, new SocketException((int)SocketError.AddressNotAvailable) },
        { ErrorMapping.Unreachable, new IOException("no", new SocketException((int)SocketError.AccessDenied)) },
        { ErrorMapping.ConnectionLost, new IOException("The response ended prematurely.") },
        { ErrorMapping.ConnectionLost, new IOException("no", new SocketException((int)SocketError.ConnectionReset)) },
        { ErrorMapping.ConnectionLost, new SocketException((int)SocketError.Shutdown) },
    };

    [Theory]
    [MemberData(nameof(Causes))]
    public void Only_a_socket_that_could_not_be_opened_is_a_daemon_that_cannot_be_reached(
        string reason, Exception? cause)
    {
        var outer = cause is null ? null : new HttpRequestException("An error occurred while sending.", cause);
        var error = ErrorMapping.FromRpc(
            new RpcException(new Status(StatusCode.Unavailable, "Error starting gRPC call.", outer)), "unix:/d.sock");
        Assert.IsType<DaemonUnavailableException>(error);
        Assert.Equal((reason, true), (error.Reason, error.IsTransient));
        Assert.Contains("unix:/d.sock", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_broke_is_told_by_the_innermost_error()
    {
        var cause = new HttpRequestException("outer", new IOException("The response ended prematurely."));
        var error = ErrorMapping.FromRpc(
            new RpcException(new Status(StatusCode.Unavailable, "middle", cause)), "unix:/d.sock");
        Assert.Equal(
            "The connection to the daemon at unix:/d.sock broke in the middle of a call: "
            + "The response ended prematurely.",
            error.Message);
    }
}
