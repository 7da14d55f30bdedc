using Google.Protobuf.WellKnownTypes;
using Queued.Client.Sessions;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A lock or a permit that is held, until it is released, its lease ends, or the session with the daemon does: also by
/// the death of the process. Thread-safe.
/// </summary>
public sealed class Grant : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SessionConnection _connection;
    private readonly TimeProvider _clock;
    private readonly string _name;
    private CancellationTokenSource? _lost;
    private CancellationTokenRegistration _ofSession;
    private ITimer? _timer;
    private TimeSpan? _lease;
    private long _leasedAt;
    private bool _isLost;
    private bool _isReleased;

    internal Grant(SessionConnection connection, string name, ulong token, TimeSpan? lease, TimeProvider clock)
    {
        _connection = connection;
        _clock = clock;
        _name = name;
        FencingToken = token;
        StartLease(lease, clock.GetTimestamp());
    }

    /// <summary>
    /// Number of the grant, higher than that of every grant before, of any lock and any life of the daemon. Pass it on
    /// to what the lock protects, which then can refuse who comes late with a lower one. A wait for a condition gives
    /// the grant a new one.
    /// </summary>
    public ulong FencingToken { get; private set; }

    /// <summary>
    /// Cancelled when the grant is known to be lost: the session has ended, or the time of the lease is over. That
    /// somebody took it away by hand is only heard with the next operation of the grant.
    /// </summary>
    public CancellationToken Lost
    {
        get
        {
            lock (_gate)
            {
                if (_lost is null)
                {
                    _lost = new CancellationTokenSource();
                    _isLost |= !_isReleased && _lease - _clock.GetElapsedTime(_leasedAt) <= TimeSpan.Zero;
                    if (_isLost)
                        _lost.Cancel();
                    else if (!_isReleased)
                        Watch();
                }

                return _lost.Token;
            }
        }
    }

    /// <summary>Starts the clock of the lease again, or gives the grant one.</summary>
    /// <param name="lease">How long from now on, 10 milliseconds to 30 days.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="GrantLostException">It is not held any more.</exception>
    /// <exception cref="SessionLostException">The session has ended, and the grant with it.</exception>
    public async Task ExtendAsync(TimeSpan lease, CancellationToken cancellationToken = default)
    {
        var request = new Proto.ExtendGrantRequest
        {
            Name = _name,
            FencingToken = FencingToken,
            Lease = Duration.FromTimeSpan(lease),
        };
        var since = _clock.GetTimestamp();
        await CallAsync(new Proto.SessionOperation { ExtendGrant = request }, cancellationToken).ConfigureAwait(false);
        StartLease(lease, since);
    }

    /// <summary>
    /// Gives it back; completes when the daemon has it, and who waits for it next may have it already.
    /// </summary>
    /// <param name="cancellationToken">Stops the wait; it is given back all the same.</param>
    /// <exception cref="GrantLostException">It was not held any more: what was done may have been done too late.
    /// </exception>
    /// <exception cref="SessionLostException">The session has ended, and the grant with it.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken = default)
    {
        if (!End())
            return;
        var request = new Proto.ReleaseRequest { Name = _name, FencingToken = FencingToken };
        // Whatever the token says it is sent: nobody can do that later.
        await CallAsync(new Proto.SessionOperation { Release = request }, CancellationToken.None)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives it back, if it is held. To hear whether it was held to the end, call <see cref="ReleaseAsync"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await ReleaseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (QueuedException exception) when (
            exception is GrantLostException or StateNotFoundException or SessionLostException || _connection.IsLost)
        {
            // Then it is not held, which is all that is wanted here.
        }
    }

    /// <summary>The session that it is held in.</summary>
    internal SessionConnection Connection => _connection;

    /// <summary>The lock was let go of, and is held again by another number.</summary>
    internal void Renew(ulong token)
    {
        lock (_gate)
            FencingToken = token;
        StartLease(_lease, _clock.GetTimestamp());
    }

    /// <summary>While the lock is let go of the lease has no clock.</summary>
    internal void Suspend()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    /// <summary>It was not let go of after all.</summary>
    internal void Resume() => StartLease(_lease, _leasedAt);

    internal void Lose()
    {
        CancellationTokenSource? lost;
        lock (_gate)
        {
            if (_isLost)
                return;
            _isLost = true;
            lost = _lost;
            _timer?.Dispose();
            _timer = null;
        }

        lost?.Cancel();
    }

    private async Task CallAsync(Proto.SessionOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await _connection.CallAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        catch (GrantLostException)
        {
            Lose();
            throw;
        }
    }

    private bool End()
    {
        lock (_gate)
        {
            if (_isReleased)
                return false;
            _isReleased = true;
            _timer?.Dispose();
            _timer = null;
        }

        // Not under the lock: a callback that runs now may want it.
        _ofSession.Dispose();
        return true;
    }

    private void StartLease(TimeSpan? lease, long since)
    {
        lock (_gate)
        {
            _lease = lease;
            _leasedAt = since;
            if (_lost is not null && !_isReleased)
                SetTimer();
        }
    }

    private void Watch()
    {
        _ofSession = _connection.Lost.UnsafeRegister(static grant => ((Grant)grant!).Lose(), this);
        SetTimer();
    }

    private void SetTimer()
    {
        _timer?.Dispose();
        _timer = null;
        if (_lease is not { } lease)
            return;
        var left = lease - _clock.GetElapsedTime(_leasedAt);
        _timer = _clock.CreateTimer(
            static grant => ((Grant)grant!).Lose(),
            this,
            left > TimeSpan.Zero ? left : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
    }
}
