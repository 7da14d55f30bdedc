using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Tests.Hosting;

public sealed class PeerPolicyTests
{
    private const uint Stranger = 4_000_000;
    private const uint StrangersGroup = 4_000_001;

    [Theory]
    [InlineData("0600", true, false, false, true)]
    [InlineData("0600", false, true, true, false)]
    [InlineData("0660", false, true, false, true)]
    [InlineData("0660", false, false, true, true)]
    [InlineData("0660", false, false, false, false)]
    [InlineData("0640", false, true, true, false)]
    [InlineData("0666", false, false, false, true)]
    public void The_mode_decides_who_comes_in(string mode, bool isSameUser, bool hasGroup, bool isMember, bool expected)
    {
        using var directory = new TestDirectory();
        using var socketFile = SocketFile.Claim(
            directory.Socket, (UnixFileMode)Convert.ToInt32(mode, 8), isPrivate: false);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(directory.Socket));
        socketFile.Bound();
        var policy = new PeerPolicy(socketFile, NullLogger<PeerPolicy>.Instance);
        var peer = new PeerCredential(
            isSameUser ? FileStatus.CurrentUser : Stranger, hasGroup ? socketFile.GroupId : StrangersGroup, 1);

        Assert.Equal(expected, policy.IsAllowed(peer, () => isMember ? [1, socketFile.GroupId] : [1]));
    }
}
