using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Queued.Daemon.Hosting;

/// <summary>
/// Accepts connections up to a limit over all endpoints together, and closes more than that at once, one by one: each
/// takes a descriptor from when it was accepted, and the runtime aborts the process when it finds none.
/// </summary>
/// <param name="connectionsMax">How many may be open.</param>
/// <param name="descriptorMax">None is taken whose descriptor has this number or a higher one.</param>
/// <param name="time">For the log.</param>
/// <param name="logger">Told of those that are refused.</param>
internal sealed class ConnectionLimit(
    int connectionsMax, long descriptorMax, TimeProvider time, ILogger<ConnectionLimit> logger)
{
    /// <summary>Between two lines in the log.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private int _open;
    private long _refused;
    private long? _told;

    /// <summary>Takes a place until the connection is closed. False: there is none.</summary>
    public bool TryEnter(ConnectionContext connection)
    {
        if (!TryEnter(connection.Features.Get<IConnectionSocketFeature>()?.Socket)) return false;
        connection.ConnectionClosed.Register(Leave);
        return true;
    }

    /// <summary>Takes a place until <see cref="Leave"/>. False: there is none.</summary>
    public bool TryEnter(Socket? socket)
    {
        lock (_gate)
        {
            // The kernel gives the lowest number that is free, so a high one tells that few are left.
            if (_open >= connectionsMax || socket?.SafeHandle.DangerousGetHandle() >= descriptorMax)
            {
                Tell();
                return false;
            }

            _open++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate) _open--;
    }

    private void Tell()
    {
        _refused++;
        if (_told is { } told && time.GetElapsedTime(told) < LogInterval) return;
        logger.ConnectionsRefused(_refused, _open);
        (_refused, _told) = (0, time.GetTimestamp());
    }
}

/// <summary>Sockets, as Kestrel takes them, with the limit where they are accepted.</summary>
internal sealed class LimitedSockets(
    ConnectionLimit limit, IOptions<SocketTransportOptions> options, ILoggerFactory loggers)
    : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggers);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken) =>
        new Listener(await _sockets.BindAsync(endpoint, cancellationToken), limit);

    private sealed class Listener(IConnectionListener listener, ConnectionLimit limit) : IConnectionListener
    {
        public EndPoint EndPoint => listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken)
        {
            while (await listener.AcceptAsync(cancellationToken) is { } connection)
            {
                if (limit.TryEnter(connection)) return connection;
                connection.Abort(new ConnectionAbortedException("Too many connections are open."));
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken) => listener.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => listener.DisposeAsync();
    }
}

internal static partial class ConnectionLimitLog
{
    [LoggerMessage(1, LogLevel.Warning,
        "{Refused} connections were refused: {Open} are open, as many as the limit of open files allows " +
        "(LimitNOFILE, ulimit -n). Raise it, or find out who opens them")]
    public static partial void ConnectionsRefused(this ILogger logger, long refused, int open);
}
