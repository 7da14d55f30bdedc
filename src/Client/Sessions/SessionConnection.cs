using Grpc.Core;
using Queued.Client.Messages;
using Queued.Client.Streams;
using Queued.Client.Wire;
using Queued.Protocol.Streams;
using Queued.Worker.Connection;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Sessions;

/// <summary>
/// One session. One writer sends what came together while its last write was under way, with no timer; one reader
/// hands answers to who waits for them.
/// </summary>
internal sealed class SessionConnection : IAsyncDisposable
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly DaemonCalls _daemon;
    private readonly TimeSpan _openTimeout;
    private readonly TimeProvider _clock;
    // Whoever brings an operation writes it, where nobody writes just now: that saves a wake-up of another thread.
    private readonly WakeSignal _work = new();
    private readonly OperationQueue _operations = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _running;
    private volatile bool _isEstablished;
    private volatile bool _isClosing;

    public SessionConnection(DaemonCalls daemon, TimeSpan openTimeout, TimeProvider clock)
    {
        _daemon = daemon;
        _openTimeout = openTimeout;
        _clock = clock;
        Lost = _lost.Token;
        States = new NameUses(this, LeaveState);
        Queues = new NameUses(this, LeaveQueue);
        Settlements = new SettleBatches(this);

        // A handler's trace and its TaskContext are not the session's: it outlives them.
        using (ExecutionContext.SuppressFlow())
            _running = Task.Run(RunAsync);
    }

    /// <summary>It has ended, or could not be opened, and holds nothing any more.</summary>
    public bool IsLost => _operations.IsEnded;

    /// <summary>Cancelled when the session ends, and with it all that is held in it.</summary>
    public CancellationToken Lost { get; }

    /// <summary>The shared objects that are used in it.</summary>
    public NameUses States { get; }

    /// <summary>The queues of messages that are used in it.</summary>
    public NameUses Queues { get; }

    /// <summary>What becomes of the messages that are held in it.</summary>
    public SettleBatches Settlements { get; }

    /// <summary>Names the session in unary calls. Known once one operation was answered.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The daemon's limit. Known once one operation was answered.</summary>
    public long PayloadBytesMax { get; private set; }

    /// <summary>
    /// Sends an operation and waits for its answer. Where the token is cancelled the wait is called off at the daemon,
    /// and the answer says what came first: what was got by then is not lost.
    /// </summary>
    /// <exception cref="QueuedException">The daemon refused it, or the session was lost.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, and nothing was got.</exception>
    public async Task<Proto.SessionResult> CallAsync(
        Proto.SessionOperation operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new AwaitedOperation();
        _operations.Add(operation, pending);
        _work.Set(inline: true);
        try
        {
            Proto.SessionResult result;
            await using (cancellationToken.UnsafeRegister(CancelWait, (this, operation.Tag)).ConfigureAwait(false))
                result = await WaitScope.RunAsync(pending.Answer, CancellationToken.None).ConfigureAwait(false);
            return result.Error is { } status ? throw ErrorMapping.FromStatus(status) : result;
        }
        catch (WaitCancelledException exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The wait was cancelled.", exception, cancellationToken);
        }
    }

    /// <summary>
    /// Takes an operation whose success nobody waits for. It goes with the next one, or with <see cref="Wake"/>.
    /// </summary>
    /// <returns>Why the session has ended, where it has: then nothing is sent.</returns>
    public QueuedException? Send(Proto.SessionOperation operation) => _operations.AddSilent(operation);

    /// <summary>The same for one whose answer is taken by the thread that reads.</summary>
    public void Start(Proto.SessionOperation operation, PendingOperation pending) =>
        _operations.Add(operation, pending);

    /// <summary>
    /// Sends what waits to go with the next operation, and on this thread, where nobody writes just now: it must hold
    /// no lock.
    /// </summary>
    public void Wake() => _work.Set(inline: true);

    /// <inheritdoc cref="OperationQueue.WatchPipeEnd"/>
    public void WatchPipeEnd(ulong end, Action<QueuedException> failed) => _operations.WatchPipeEnd(end, failed);

    /// <summary>It hears nothing more.</summary>
    public void UnwatchPipeEnd(ulong end) => _operations.UnwatchPipeEnd(end);

    /// <summary>Sends what is waiting, then ends the session in good order.</summary>
    public async ValueTask DisposeAsync()
    {
        // What waits for the answer to others has yet to come to be sent.
        await Settlements.FlushAsync().WaitAsync(CloseTimeout, _clock)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isClosing = true;
        _work.Set(inline: true);
        await _running.WaitAsync(CloseTimeout, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _ending.Dispose();
        _lost.Dispose();
    }

    private static Proto.SessionOperation LeaveState(string name) =>
        new() { LeaveState = new Proto.LeaveStateRequest { Name = name } };

    private static Proto.SessionOperation LeaveQueue(string name) =>
        new() { LeaveQueue = new Proto.LeaveQueueRequest { Queue = name } };

    private static void CancelWait(object? state)
    {
        var (connection, tag) = ((SessionConnection, ulong))state!;
        connection._operations.Cancel(tag);
        connection._work.Set(inline: true);
    }

    private async Task RunAsync()
    {
        QueuedException end;
        try
        {
            end = await RunCallAsync(_ending.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it was, those who wait must hear of it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            end = Ended(exception);
        }

        _operations.End(_isEstablished ? Lose(end) : end);
        await _lost.CancelAsync().ConfigureAwait(false);
    }

    private async Task<QueuedException> RunCallAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var opening = new CancellationTokenSource(_openTimeout, _clock);
        using var overdue = opening.Token.Register(() =>
        {
            if (!_isEstablished)
                ending.Cancel();
        });
        using var call = _daemon.Sessions.OpenSession(new CallOptions(cancellationToken: ending.Token));
        var writing = WriteAsync(call.RequestStream, ending.Token);
        var end = await ReadAsync(call.ResponseStream, ending.Token).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        _work.Set(inline: true);
        await writing.ConfigureAwait(false);
        return !_isEstablished && opening.IsCancellationRequested && !cancellationToken.IsCancellationRequested
            ? ErrorMapping.Make(new ErrorDetails(
                ErrorMapping.DeadlineExceeded,
                $"The daemon at {_daemon.Address} did not open the session within {_openTimeout}."))
            : end;
    }

    private async Task WriteAsync(
        IClientStreamWriter<Proto.OpenSessionRequest> requests, CancellationToken cancellationToken)
    {
        var thread = new WriterThread();
        try
        {
            var first = new Proto.OpenSessionRequest { ClientName = ClientName.Value };
            await requests.WriteAsync(first, cancellationToken).ConfigureAwait(false);
            while (!cancellationToken.IsCancellationRequested)
            {
                if (_operations.TakeMessage() is { } message)
                {
                    await thread.ForMessage();
                    await thread.Writing(requests.WriteAsync(message, cancellationToken)).ConfigureAwait(false);
                    continue;
                }

                if (_isClosing && _operations.HasSentAll)
                {
                    await requests.CompleteAsync().ConfigureAwait(false);
                    return;
                }

                await thread.Waiting(_work.WaitAsync()).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (
            exception is RpcException or OperationCanceledException or InvalidOperationException
                or HttpRequestException or IOException)
        {
            // The stream broke. The reader gets the reason, and with it everybody who waits.
        }
    }

    private async Task<QueuedException> ReadAsync(
        IAsyncStreamReader<Proto.OpenSessionResponse> responses, CancellationToken cancellationToken)
    {
        var wakes = new ReaderWakes();
        try
        {
            while (await wakes.During(responses.MoveNext(cancellationToken)))
            {
                var response = responses.Current;
                if (!_isEstablished)
                {
                    Id = response.SessionId;
                    PayloadBytesMax = (long)response.PayloadBytesMax;
                    _isEstablished = true;
                }

                if (_operations.Take(response, wakes))
                    _work.Set(inline: true);
            }

            return Ended(null);
        }
        catch (RpcException exception)
        {
            return ErrorMapping.FromRpc(exception, _daemon.Address.ToString());
        }
        catch (OperationCanceledException exception)
        {
            return Ended(exception);
        }
        finally
        {
            wakes.RunElsewhere();
        }
    }

    private QueuedException Ended(Exception? cause) => ErrorMapping.Make(
        new ErrorDetails(
            ErrorMapping.ConnectionLost, $"The connection to the daemon at {_daemon.Address} was closed."),
        cause);

    private QueuedException Lose(QueuedException cause) => ErrorMapping.Make(
        new ErrorDetails(
            ErrorMapping.SessionLost,
            $"The session with the daemon at {_daemon.Address} has ended, and what was held in it is released: "
            + cause.Message),
        cause);
}
