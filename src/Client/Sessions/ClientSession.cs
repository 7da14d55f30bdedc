using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Sessions;

/// <summary>
/// The client's session: opened when it is first needed, opened again by the first operation after it was lost. What
/// was held in a lost one is gone, so nothing is repeated by itself: who holds something keeps the
/// <see cref="SessionConnection"/> that he holds it in.
/// </summary>
internal sealed class ClientSession(DaemonCalls daemon, QueuedClientOptions options, TimeProvider clock)
    : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private SessionConnection? _connection;
    private bool _isDisposed;

    /// <summary>The session as it is now. Does not wait for it to be open.</summary>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    public SessionConnection Current
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(QueuedClient));
                if (_connection is { IsLost: false })
                    return _connection;
                return _connection = new SessionConnection(daemon, options.DefaultTimeout, clock);
            }
        }
    }

    /// <summary>One operation in the session as it is now. See <see cref="SessionConnection.CallAsync"/>.</summary>
    public Task<Proto.SessionResult> CallAsync(
        Proto.SessionOperation operation, CancellationToken cancellationToken) =>
        Current.CallAsync(operation, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        SessionConnection? connection;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            connection = _connection;
        }

        if (connection is not null)
            await connection.DisposeAsync().ConfigureAwait(false);
    }
}
