using Queued.Client.Sessions;
using Queued.Client.Streams;
using Queued.Client.Wire;
using Queued.Worker.Connection;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Pipes;

/// <summary>
/// Keeps a few receives at the daemon, so that what comes there goes on at once, and what has come here in their order.
/// Receives go out again with whatever is sent next; only the last one that is left is worth a message of its own.
/// </summary>
internal sealed class PipeReceiver
{
    private const int Receives = 4;
    private const int MessagesPerReceive = 256;

    /// <summary>What waits here past one of these leaves no receive at the daemon.</summary>
    private const int ArrivedMessagesMax = 1024;
    private const long ArrivedBytesMax = 1024 * 1024;

    private readonly SessionConnection _connection;
    private readonly string _pipe;
    private readonly Receive[] _receives = new Receive[Receives];
    private readonly Lock _gate = new();
    private readonly Queue<Proto.Payload> _arrived = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private long _arrivedBytes;
    private bool _hasEnded;
    private QueuedException? _failure;
    private TaskCompletionSource<bool>? _arrival;

    public PipeReceiver(SessionConnection connection, string pipe, ulong end)
    {
        _connection = connection;
        _pipe = pipe;
        for (var at = 0; at < Receives; at++)
            _receives[at] = new Receive(this, end);
    }

    public void Begin()
    {
        bool mustWake;
        lock (_gate)
            mustWake = RefillLocked();
        if (mustWake)
            _connection.Wake();
    }

    /// <summary>A message, or the end, or a failure: a receive would not wait.</summary>
    public bool IsReady
    {
        get
        {
            lock (_gate)
                return IsReadyLocked;
        }
    }

    private bool IsReadyLocked => _arrived.Count > 0 || _hasEnded || _failure is not null;

    public bool TryReceive(out TaskPayload payload)
    {
        bool isTaken, mustWake;
        lock (_gate)
            isTaken = TryTakeLocked(out payload, out mustWake);
        if (mustWake)
            _connection.Wake();
        return isTaken;
    }

    /// <returns>Null: the end, or the time is over.</returns>
    /// <exception cref="QueuedException">The session was lost, or the end was closed here.</exception>
    public ValueTask<TaskPayload?> ReceiveAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter? waiter = null;
        TaskPayload payload;
        bool mustWake;
        lock (_gate)
        {
            if (!TryTakeLocked(out payload, out mustWake))
            {
                if (_hasEnded)
                    return default;
                if (_failure is not null)
                    throw _failure;
                if (timeout == TimeSpan.Zero)
                    return default;
                waiter = new Waiter();
                _waiters.AddLast(waiter.Node);
            }
        }

        if (waiter is null)
        {
            if (mustWake)
                _connection.Wake();
            return new ValueTask<TaskPayload?>(payload);
        }

        // Nothing but what it waits for ends it, which is most often so.
        return new ValueTask<TaskPayload?>(timeout == Timeout.InfiniteTimeSpan && !cancellationToken.CanBeCanceled
            ? WaitScope.RunAsync(waiter.Received.Task, CancellationToken.None)
            : WaitAsync(waiter, timeout, cancellationToken));
    }

    /// <summary>Nothing is left, and nothing will come: not because the other end has ended.</summary>
    /// <exception cref="QueuedException">It is so.</exception>
    public void ThrowIfFailed()
    {
        lock (_gate)
        {
            if (_arrived.Count == 0 && !_hasEnded && _failure is not null)
                throw _failure;
        }
    }

    /// <summary>Whether all that will ever come was received.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
                return _hasEnded && _arrived.Count == 0;
        }
    }

    public QueuedException EndOfPipe() => PipeLink.Closed(
        _pipe, "the other end sends no more, and all that it has sent was received.");

    /// <summary>Completes when a receive would not wait.</summary>
    public Task Arrival()
    {
        lock (_gate)
        {
            if (IsReadyLocked)
                return Task.CompletedTask;
            _arrival ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _arrival.Task;
        }
    }

    private async Task<TaskPayload?> WaitAsync(Waiter waiter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = timeout == Timeout.InfiniteTimeSpan
            ? null
            : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit?.CancelAfter(timeout);
        try
        {
            return await WaitScope.RunAsync(
                waiter.Received.Task, limit?.Token ?? cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            bool wasServed;
            lock (_gate)
            {
                wasServed = waiter.Node.List is null;
                if (!wasServed)
                    _waiters.Remove(waiter.Node);
            }

            // What came in the same moment was given to it, and must not be lost.
            if (wasServed)
                return await waiter.Received.Task.ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    private bool TryTakeLocked(out TaskPayload payload, out bool mustWake)
    {
        if (!_arrived.TryDequeue(out var message))
        {
            (payload, mustWake) = (default, false);
            return false;
        }

        _arrivedBytes -= message.Data.Length;
        payload = message.ToPayload();
        mustWake = RefillLocked();
        return true;
    }

    private void Complete(Receive receive, Proto.SessionResult result, ReaderWakes wakes)
    {
        if (result.Error is { } status)
        {
            Fail(receive, ErrorMapping.FromStatus(status));
            return;
        }

        List<(Waiter Waiter, TaskPayload? Payload)>? served = null;
        TaskCompletionSource<bool>? arrival = null;
        bool mustWake;
        lock (_gate)
        {
            receive.IsOut = false;
            foreach (var message in result.ReceiveFromPipe.Messages)
            {
                _arrived.Enqueue(message);
                _arrivedBytes += message.Data.Length;
            }

            _hasEnded |= result.ReceiveFromPipe.End;
            while (_waiters.First is { Value: var waiter } && (_arrived.Count > 0 || _hasEnded))
            {
                _waiters.RemoveFirst();
                TaskPayload? payload = null;
                if (_arrived.TryDequeue(out var message))
                {
                    _arrivedBytes -= message.Data.Length;
                    payload = message.ToPayload();
                }

                (served ??= []).Add((waiter, payload));
            }

            if (IsReadyLocked)
                (arrival, _arrival) = (_arrival, null);
            mustWake = RefillLocked();
        }

        if (mustWake)
            _connection.Wake();
        foreach (var (waiter, payload) in served ?? [])
            waiter.Received.Set(payload, wakes);
        arrival?.TrySetResult(true);
    }

    private void Fail(Receive receive, QueuedException failure)
    {
        List<Waiter> all;
        TaskCompletionSource<bool>? arrival;
        lock (_gate)
        {
            receive.IsOut = false;
            _failure ??= failure;
            failure = _failure;
            all = [.. _waiters];
            _waiters.Clear();
            (arrival, _arrival) = (_arrival, null);
        }

        foreach (var waiter in all)
            waiter.Received.Fail(failure);
        arrival?.TrySetResult(true);
    }

    /// <returns>
    /// Whether the connection is to be woken, which writes: without the lock, or the thread that reads would wait for
    /// it.
    /// </returns>
    private bool RefillLocked()
    {
        if (_hasEnded || _failure is not null
            || _arrived.Count >= ArrivedMessagesMax || _arrivedBytes >= ArrivedBytesMax)
        {
            return false;
        }

        var atDaemon = 0;
        foreach (var receive in _receives)
        {
            if (receive is { IsOut: true, IsSent: true })
            {
                atDaemon++;
            }
            else if (!receive.IsOut)
            {
                receive.IsOut = true;
                _connection.Start(receive.Operation, receive);
            }
        }

        return atDaemon < 2;
    }

    /// <summary>One receive, over and over.</summary>
    private sealed class Receive(PipeReceiver receiver, ulong end) : PendingOperation
    {
        public Proto.SessionOperation Operation { get; } = new()
        {
            ReceiveFromPipe = new Proto.ReceiveFromPipeRequest { PipeEndId = end, MessagesMax = MessagesPerReceive },
        };

        /// <summary>It has no answer yet.</summary>
        public bool IsOut { get; set; }

        public override void Complete(Proto.SessionResult result, ReaderWakes wakes) =>
            receiver.Complete(this, result, wakes);

        public override void Fail(QueuedException failure) => receiver.Fail(this, failure);
    }

    private sealed class Waiter
    {
        public Waiter() => Node = new LinkedListNode<Waiter>(this);

        public LinkedListNode<Waiter> Node { get; }

        public Awaited<TaskPayload?> Received { get; } = new();
    }
}
