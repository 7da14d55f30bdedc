using Queued.Client.Sessions;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A handle to an object that the daemon keeps for all who use its name: processes of any language. Thread-safe. Made
/// by the methods of <see cref="IQueuedClient"/>; nothing is sent before its first operation.
/// </summary>
/// <remarks>
/// The object is there from the first use of its name to the last: it goes when every client that used it has disposed
/// of its handles, was disposed itself, or has died, unless it is to be kept. Every operation throws
/// <see cref="PreconditionFailedException"/> where the name is that of another kind of object,
/// <see cref="ConflictException"/> where the object was made with other settings,
/// <see cref="StateNotFoundException"/> where it was deleted while it was used, <see cref="SessionLostException"/>
/// where the connection to the daemon ends before the answer, <see cref="CapacityExceededException"/> where a limit is
/// reached, <see cref="DaemonUnavailableException"/> where the daemon cannot be reached, and
/// <see cref="OperationCanceledException"/> for the caller's token. After a lost session the next operation uses the
/// object again, which is a new one if nobody else did meanwhile.
/// </remarks>
public abstract class SharedObject : IAsyncDisposable
{
    // The daemon's limit on the wait of one operation; longer ones are without end there, and called off here.
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly ClientSession _session;
    private readonly TimeProvider _clock;
    private readonly Proto.UseStateRequest _use;
    private SessionConnection? _connection;
    private Task _used = Task.CompletedTask;
    private bool _isDisposed;

    private protected SharedObject(StateAccess access, string name, Proto.StateSpec spec, bool keep)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        _session = access.Session;
        _clock = access.Clock;
        _use = new Proto.UseStateRequest { Name = name, Spec = spec, Keep = keep };
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    private protected TimeProvider Clock => _clock;

    /// <summary>
    /// The client uses the object no more through this handle; with its last handle it leaves the object, and gives
    /// back what it holds of it. Operations of the handle that wait fail then.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        SessionConnection? connection;
        Task used;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            (connection, used) = (_connection, _used);
        }

        await used.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connection is not null && used.IsCompletedSuccessfully)
            await connection.States.EndAsync(Name).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>The session in which the object is used; uses it first where that is not yet so.</summary>
    internal ValueTask<SessionConnection> UseAsync(CancellationToken cancellationToken)
    {
        Task used;
        SessionConnection connection;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            connection = _session.Current;
            if (_connection != connection || _used.IsFaulted || _used.IsCanceled)
            {
                _connection = connection;
                _used = connection.States.BeginAsync(
                    Name, new Proto.SessionOperation { UseState = _use.Clone() });
            }

            used = _used;
        }

        return used.IsCompletedSuccessfully
            ? ValueTask.FromResult(connection)
            : new ValueTask<SessionConnection>(WhenUsedAsync(connection, used, cancellationToken));
    }

    private protected async Task<Proto.SessionResult> CallAsync(
        Proto.SessionOperation operation, CancellationToken cancellationToken)
    {
        var connection = await UseAsync(cancellationToken).ConfigureAwait(false);
        return await connection.CallAsync(operation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An operation that waits, and is told for how long.</summary>
    /// <returns>Null: the time is over. Known here only where it is longer than the daemon counts.</returns>
    private protected async Task<Proto.SessionResult?> WaitAsync(
        SessionConnection connection,
        Proto.SessionOperation operation,
        TimeSpan? timeout,
        Action<Google.Protobuf.WellKnownTypes.Duration> setWait,
        CancellationToken cancellationToken)
    {
        if (timeout is not { } time || time <= WaitMax)
        {
            if (timeout is { } span)
                setWait(Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(span));
            return await connection.CallAsync(operation, cancellationToken).ConfigureAwait(false);
        }

        using var over = new CancellationTokenSource(time, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        try
        {
            return await connection.CallAsync(operation, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Null is without end.</summary>
    private protected static TimeSpan? CheckTimeout(TimeSpan? timeout)
    {
        if (timeout is not { } span || span == Timeout.InfiniteTimeSpan)
            return null;
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero, nameof(timeout));
        return span;
    }

    private static async Task<SessionConnection> WhenUsedAsync(
        SessionConnection connection, Task used, CancellationToken cancellationToken)
    {
        await used.WaitAsync(cancellationToken).ConfigureAwait(false);
        return connection;
    }
}

/// <summary>What handles need of their client.</summary>
internal sealed record StateAccess(ClientSession Session, PayloadJson Json, TimeProvider Clock);
