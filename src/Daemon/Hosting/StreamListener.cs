using System.Collections.Concurrent;
using System.Net.Sockets;
using Queued.Daemon.Edge.Streams;
using Queued.Protocol.Streams;

namespace Queued.Daemon.Hosting;

/// <summary>
/// The socket for streams, beside the daemon's own: a connection for each. Whoever may use the one may use the other,
/// and the limit on connections counts both.
/// </summary>
internal sealed class StreamListener(
    SocketFile socketFile,
    ConnectionLimit limit,
    StreamCalls calls,
    int frameBytesMax,
    ILogger<PeerPolicy> peers,
    ILogger<StreamListener> logger) : IHostedService, IDisposable
{
    private const int Backlog = 512;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly PeerPolicy _policy = new(socketFile, peers);
    private readonly ConcurrentDictionary<FrameSocket, bool> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <exception cref="StartupException">The socket cannot be listened on.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener = Endpoints.Bind(new UnixDomainSocketEndPoint(socketFile.Path), socketFile);
        _listener.Listen(Backlog);
        _accepting = AcceptAsync(_listener);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _accepting;
        foreach (var socket in _open.Keys) socket.Dispose();
    }

    public void Dispose()
    {
        // Of a daemon that was not stopped, since it did not start: nobody is told of that here.
        _stopping.Cancel();
        _listener?.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                Begin(await listener.AcceptAsync(_stopping.Token));
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                // Such as one who has gone again, or no descriptor that is free.
                logger.NotAccepted(exception.Message);
                await Task.Delay(PauseAfterFailure, _stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Begin(Socket socket)
    {
        if (!limit.TryEnter(socket))
        {
            socket.Dispose();
            return;
        }

        // On another thread: the first message may be there already, and is then gone on with at once.
        _ = Task.Run(() => ServeAsync(socket));
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            if (!_policy.Admits(socket, "stream")) return;
            using var frames = new FrameSocket(socket, frameBytesMax);
            _open[frames] = true;
            try
            {
                await calls.RunAsync(frames);
            }
            finally
            {
                _open.TryRemove(frames, out _);
            }
        }
        catch (IOException exception)
        {
            logger.NotServed(exception.Message);
        }
        finally
        {
            socket.Dispose();
            limit.Leave();
        }
    }
}

internal static partial class StreamListenerLog
{
    [LoggerMessage(1, LogLevel.Warning, "A connection for streams was not accepted: {Reason}")]
    public static partial void NotAccepted(this ILogger logger, string reason);

    [LoggerMessage(2, LogLevel.Warning, "A connection for streams was not served: {Reason}")]
    public static partial void NotServed(this ILogger logger, string reason);
}
