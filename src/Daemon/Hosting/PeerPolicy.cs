using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Queued.Daemon.Hosting;

/// <summary>
/// Asks the kernel who is at the other end, before a byte of HTTP is read, and lets in whom the socket's mode lets in.
/// The kernel checks the mode too, but not for a descriptor that was passed on, nor if somebody changed the mode.
/// </summary>
internal sealed class PeerPolicy(SocketFile socketFile, ILogger<PeerPolicy> logger)
{
    private const int SocketLevel = 1;
    private const int PeerCredentialOption = 17;
    private const int PeerGroupsOption = 59;
    private const int GroupsMax = 65_536;

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
            logger.PeerUnknown(connection.ConnectionId, "the connection has no socket");
        else if (Admits(socket, connection.ConnectionId))
            await next(connection);
    };

    /// <param name="socket">Connected.</param>
    /// <param name="connection">What the log calls it.</param>
    public bool Admits(Socket socket, string connection)
    {
        PeerCredential peer;
        bool isAllowed;
        try
        {
            peer = Credential(socket);
            isAllowed = IsAllowed(peer, () => Groups(socket));
        }
        catch (SocketException e)
        {
            logger.PeerUnknown(connection, e.Message);
            return false;
        }

        if (!isAllowed)
            logger.PeerDenied(peer.UserId, peer.GroupId, peer.ProcessId, FileStatus.Octal(socketFile.Mode));
        return isAllowed;
    }

    internal bool IsAllowed(PeerCredential peer, Func<IEnumerable<uint>> groups) =>
        peer.UserId == FileStatus.CurrentUser
        || peer.UserId == 0
        || socketFile.Mode.HasFlag(UnixFileMode.OtherWrite)
        || (socketFile.Mode.HasFlag(UnixFileMode.GroupWrite)
            && (peer.GroupId == socketFile.GroupId || groups().Contains(socketFile.GroupId)));

    private static PeerCredential Credential(Socket socket)
    {
        // struct ucred: pid, uid, gid.
        Span<byte> value = stackalloc byte[12];
        _ = socket.GetRawSocketOption(SocketLevel, PeerCredentialOption, value);
        var fields = MemoryMarshal.Cast<byte, uint>(value);
        return new PeerCredential(fields[1], fields[2], (int)fields[0]);
    }

    private static uint[] Groups(Socket socket)
    {
        var value = new byte[GroupsMax * sizeof(uint)];
        var length = socket.GetRawSocketOption(SocketLevel, PeerGroupsOption, value);
        return MemoryMarshal.Cast<byte, uint>(value.AsSpan(0, length)).ToArray();
    }
}

internal static partial class PeerPolicyLog
{
    [LoggerMessage(1, LogLevel.Warning, "Connection {ConnectionId} was closed: its peer is not known: {Reason}")]
    public static partial void PeerUnknown(this ILogger logger, string connectionId, string reason);

    [LoggerMessage(2, LogLevel.Warning,
        "Connection of user {UserId}, group {GroupId}, process {ProcessId} was closed: mode {SocketMode} of the " +
        "socket does not let them in")]
    public static partial void PeerDenied(
        this ILogger logger, uint userId, uint groupId, int processId, string socketMode);
}
