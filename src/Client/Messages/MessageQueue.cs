using System.Runtime.CompilerServices;
using Queued.Client.Messages;
using Queued.Client.Sessions;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A named queue of messages that any process may put into and get from: what <c>multiprocessing.Queue</c> is, between
/// programs of any language. Made with the first use where it is not there. Thread-safe.
/// </summary>
/// <typeparam name="T">
/// Type of the messages. <c>byte[]</c>, <see cref="ReadOnlyMemory{T}"/> of bytes and <see cref="TaskPayload"/> travel
/// as they are, everything else as JSON.
/// </typeparam>
/// <remarks>
/// <para>
/// A message is at most the daemon's payload limit (4 MiB by default). Messages come oldest first within their
/// priority, and whoever waits longest gets the next; the queue's policy may say newest first.
/// </para>
/// <para>
/// Unless a member says otherwise it throws <see cref="InvalidRequestException"/> for a value that the daemon does not
/// allow, <see cref="PreconditionFailedException"/> where the queue holds tasks (<c>WRONG_KIND</c>) or drains
/// (<c>QUEUE_DRAINING</c>), <see cref="DaemonUnavailableException"/> where the daemon cannot be reached,
/// <see cref="SessionLostException"/> where the connection broke during the call, which may or may not have happened
/// then, and <see cref="OperationCanceledException"/> for the caller's token. A call that has got or put something by
/// the time its token is cancelled completes as if it was not.
/// </para>
/// <para>
/// A client that makes handles for ever new ephemeral queues disposes of them; where the name stays the same it keeps
/// the handle, as only its first operation asks the daemon for the queue.
/// </para>
/// </remarks>
public sealed class MessageQueue<T> : IAsyncDisposable
{
    private const int ReadAheadMax = 512;
    private const int ReasonLengthMax = 1024;
    private const string OffTheQueue = "It was taken off the queue.";
    private const string NowDead = "It is a dead letter of the queue now.";

    private readonly MessageChannel _channel;
    private readonly PayloadCodec<T> _codec;
    private readonly IQueues _queues;

    internal MessageQueue(MessageChannel channel, PayloadCodec<T> codec, IQueues queues) =>
        (_channel, _codec, _queues) = (channel, codec, queues);

    /// <summary>Its name.</summary>
    public string Name => _channel.Name;

    /// <summary>
    /// Puts a message at the end; waits for room where the queue is full. Completes when the queue (on a durable one:
    /// the disk) has it. Puts of one queue that come while one is under way travel together, in their order.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait; then the message is not put.</param>
    public Task PutAsync(T message, CancellationToken cancellationToken = default) =>
        PutAsync(message, null, cancellationToken);

    /// <inheritdoc cref="PutAsync(T, CancellationToken)"/>
    /// <param name="message">The message.</param>
    /// <param name="options">Priority, delay, time-out and so on. Null: all defaults.</param>
    /// <param name="cancellationToken">Ends the wait; then the message is not put.</param>
    /// <exception cref="CapacityExceededException">
    /// The queue was full (<c>QUEUE_FULL</c>) for as long as <see cref="PutOptions.Timeout"/>: Python's <c>Full</c>. Or
    /// the daemon has no room at all, which is not waited for.
    /// </exception>
    /// <exception cref="ConflictException">The idempotency key was used for other content.</exception>
    public Task PutAsync(T message, PutOptions? options, CancellationToken cancellationToken = default) =>
        options?.Timeout is null
            ? PutInTurnAsync(message, options, cancellationToken)
            : PutInTimeAsync(message, options, cancellationToken);

    /// <summary>Puts a message if there is room at once, or within <see cref="PutOptions.Timeout"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="options">Priority, delay, time-out and so on. Null: all defaults, and no wait.</param>
    /// <param name="cancellationToken">Ends the wait; then the message is not put.</param>
    /// <returns>False: the queue is full, and the message is not put.</returns>
    /// <exception cref="ConflictException">The idempotency key was used for other content.</exception>
    public async Task<bool> TryPutAsync(
        T message, PutOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = new Proto.PutMessagesRequest { Queue = Name };
        PutMessage.Of(_codec.Write(message), options).AddTo(request);
        return await _channel.PutAsync(request, options?.Timeout ?? TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false) == 1;
    }

    /// <summary>
    /// Puts many messages, in their order and in large batches. Completes when the queue (on a durable one: the disk)
    /// has the last of them. The input is read as room comes, a bounded number ahead.
    /// </summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">
    /// For all of them. Null: all defaults. <see cref="PutOptions.Timeout"/> is for the whole.
    /// </param>
    /// <param name="cancellationToken">Ends the wait; those that were put stay.</param>
    /// <returns>How many were put: all, or the first ones, where the time was over.</returns>
    public Task<int> PutManyAsync(
        IEnumerable<T> messages, PutOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return new PutMany(_channel, options?.Timeout)
            .RunAsync(messages.Select(message => PutMessage.Of(_codec.Write(message), options)), cancellationToken);
    }

    /// <summary>
    /// Takes the next message off the queue; waits for one without an end. It is gone from the queue: see
    /// <see cref="ReceiveAsync"/> for one that comes back where its consumer dies.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UnreadableMessageException">
    /// The message is not of this type. It is off the queue, and the exception has its bytes.
    /// </exception>
    public Task<T> GetAsync(CancellationToken cancellationToken = default) => TakeOneAsync(cancellationToken);

    /// <summary>Takes the next message off the queue; waits for one for a time.</summary>
    /// <param name="timeout">How long, 0 or more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">There was none in time: Python's <c>Empty</c>.</exception>
    /// <exception cref="UnreadableMessageException">
    /// The message is not of this type. It is off the queue, and the exception has its bytes.
    /// </exception>
    public async Task<T> GetAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var taken = await TryTakeOneAsync(timeout, cancellationToken).ConfigureAwait(false);
        return taken.HasValue
            ? taken.Value!
            : throw new TimeoutException($"The queue '{Name}' had no message for {timeout}.");
    }

    /// <summary>Takes the next message off the queue, if there is one at once, or in time.</summary>
    /// <param name="timeout">How long to wait, 0 or more. Default: not at all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UnreadableMessageException">
    /// The message is not of this type. It is off the queue, and the exception has its bytes.
    /// </exception>
    public Task<TryGetResult<T>> TryGetAsync(
        TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        TryTakeOneAsync(timeout, cancellationToken);

    /// <summary>
    /// Takes many messages off the queue at once: waits for the first, and comes back with what is there, up to one
    /// that cannot be read as this type, which the next call then begins with.
    /// </summary>
    /// <param name="max">How many at most, 1 to 10000; fewer come where more would be above 4 MiB.</param>
    /// <param name="timeout">How long to wait for the first, 0 or more. Null: without an end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>At least one, or, where the time was over, none.</returns>
    /// <exception cref="UnreadableMessageException">
    /// The first one is not of this type. It is a dead letter of the queue now; those behind it are in their place.
    /// </exception>
    public Task<IReadOnlyList<T>> GetManyAsync(
        int max, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        _codec.ReadsAll
            ? TakeAsync(max, timeout, cancellationToken)
            : TakeReadableAsync(max, timeout, cancellationToken);

    /// <summary>
    /// Takes messages off the queue without an end, each as it is handed out. A few are held ahead for a fast consumer;
    /// those that were not handed out when the reading ends, or the process dies, are in their old place again. Ends
    /// when the queue drains and has nothing left.
    /// </summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="UnreadableMessageException">
    /// A message is not of this type; it is a dead letter of the queue now.
    /// </exception>
    public async IAsyncEnumerable<T> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var reader = new MessageReader(_channel, ReadAheadMax);
        while (await reader.NextAsync(cancellationToken).ConfigureAwait(false) is { } message)
        {
            T value;
            try
            {
                value = Read(message, NowDead);
            }
            catch (UnreadableMessageException exception)
            {
                reader.Bury(ReasonOf(exception));
                throw;
            }

            reader.Ack();
            yield return value;
        }
    }

    /// <summary>
    /// Gets the next message and holds it; waits for one without an end. It has to be acknowledged; where it is not,
    /// because it is disposed, its lease ends or the process dies, it stands in its old place again.
    /// </summary>
    /// <param name="options">How long the lease lasts. Null: as long as this client.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<Message<T>> ReceiveAsync(
        ReceiveOptions? options = null, CancellationToken cancellationToken = default) =>
        (await HoldAsync(null, options, cancellationToken).ConfigureAwait(false))!;

    /// <summary>Gets the next message and holds it, if there is one at once, or in time.</summary>
    /// <inheritdoc cref="ReceiveAsync"/>
    /// <param name="timeout">How long to wait, 0 or more. Default: not at all.</param>
    /// <param name="options">How long the lease lasts. Null: as long as this client.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null: there was none in time.</returns>
    public Task<Message<T>?> TryReceiveAsync(
        TimeSpan timeout = default, ReceiveOptions? options = null, CancellationToken cancellationToken = default) =>
        HoldAsync(timeout, options, cancellationToken);

    /// <summary>Reads the next messages and leaves them where they are.</summary>
    /// <param name="max">How many at most, 1 to 1000; fewer come where more would be above 4 MiB.</param>
    /// <param name="labels">Only those that have all of these. Null: all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>In the order in which they will be given. Empty: there is none.</returns>
    public async Task<IReadOnlyList<MessageInfo<T>>> PeekAsync(
        int max = 1, IReadOnlyDictionary<string, string>? labels = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var messages = await _channel.PeekAsync(max, labels, cancellationToken).ConfigureAwait(false);
        return [.. messages.Select(message => new MessageInfo<T>(Name, message, _codec))];
    }

    /// <summary>
    /// Completes when every message that was put is done with: taken, acknowledged, or a dead letter. What is held, or
    /// waits for its time, is not.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task JoinAsync(CancellationToken cancellationToken = default) => _channel.JoinAsync(null, cancellationToken);

    /// <inheritdoc cref="JoinAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait, 0 or more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False: the time was over.</returns>
    public Task<bool> JoinAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        _channel.JoinAsync(timeout, cancellationToken);

    /// <summary>
    /// How many messages could be got now: exact at that moment, and maybe another number when it is read.
    /// <see cref="IQueues.GetAsync"/> says more, such as how many are held.
    /// </summary>
    /// <param name="cancellationToken">Stops the call.</param>
    public async Task<long> CountAsync(CancellationToken cancellationToken = default)
    {
        await _channel.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return (await _queues.GetAsync(Name, cancellationToken).ConfigureAwait(false)).QueuedCount;
    }

    /// <summary>
    /// The client is done with the queue through this handle. With its last handle of that name it leaves the queue:
    /// what it holds of it is back in its old place, what it waits for there fails, and an ephemeral queue is gone,
    /// with all in it, where no other client uses it. Nothing else happens to other queues.
    /// </summary>
    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    /// <summary>It is there, in the session as it is now.</summary>
    internal ValueTask<SessionConnection> UseAsync(CancellationToken cancellationToken) =>
        _channel.ConnectAsync(cancellationToken);

    private Task PutInTurnAsync(T message, PutOptions? options, CancellationToken cancellationToken)
    {
        PutMessage wire;
        try
        {
            wire = PutMessage.Of(_codec.Write(message), options);
        }
#pragma warning disable CA1031 // What goes wrong is found in the task, as with every other method.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Task.FromException(exception);
        }

        return _channel.PutAsync(wire, cancellationToken);
    }

    private async Task PutInTimeAsync(T message, PutOptions options, CancellationToken cancellationToken)
    {
        if (await TryPutAsync(message, options, cancellationToken).ConfigureAwait(false))
            return;
        // Not behind others that wait for ever: its time could be over before the daemon has seen it.
        throw ErrorMapping.Make(new ErrorDetails(
            "QUEUE_FULL", $"The queue '{Name}' was full for {options.Timeout}. Try again later, or wait longer.")
        {
            Resource = Name,
        });
    }

    private async Task<T> TakeOneAsync(CancellationToken cancellationToken)
    {
        var given = await _channel.GetAsync(1, null, autoAck: true, cancellationToken).ConfigureAwait(false);
        return Read(given[0], OffTheQueue);
    }

    private async Task<TryGetResult<T>> TryTakeOneAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var given = await _channel.GetAsync(1, timeout, autoAck: true, cancellationToken).ConfigureAwait(false);
        return given.Count > 0 ? new TryGetResult<T>(true, Read(given[0], OffTheQueue)) : default;
    }

    private async Task<IReadOnlyList<T>> TakeAsync(int max, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var given = await _channel.GetAsync(max, timeout, autoAck: true, cancellationToken).ConfigureAwait(false);
        var taken = new T[given.Count];
        for (var place = 0; place < taken.Length; place++)
            taken[place] = Read(given[place], OffTheQueue);
        return taken;
    }

    /// <summary>
    /// Holds them until they are read: what comes behind one that cannot be read must not be lost with it.
    /// </summary>
    private async Task<IReadOnlyList<T>> TakeReadableAsync(
        int max, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var given = await _channel.GetAsync(max, timeout, autoAck: false, cancellationToken).ConfigureAwait(false);
        if (given.Count == 0)
            return [];
        var taken = new List<T>(given.Count);
        UnreadableMessageException? unreadable = null;
        try
        {
            while (taken.Count < given.Count)
                taken.Add(Read(given[taken.Count], NowDead));
        }
        catch (UnreadableMessageException exception)
        {
            unreadable = taken.Count == 0 ? exception : null;
        }

        var lost = await HeldBatch.TakeAsync(
            given, taken.Count, unreadable is null ? null : ReasonOf(unreadable)).ConfigureAwait(false);
        if (unreadable is not null)
            throw unreadable;
        // Others have those now, or nobody: another handle of this client has left the queue.
        return lost.Count == 0 ? taken : [.. taken.Where((_, place) => !lost.Contains(given[place].Id))];
    }

    private T Read(GivenMessage message, string whereIsIt) =>
        _codec.Read(message.Payload.ToPayload(), message.Id, Name, whereIsIt);

    /// <summary>As long as the daemon takes one.</summary>
    private static string ReasonOf(UnreadableMessageException exception)
    {
        var reason = $"It cannot be read as {typeof(T)}: {exception.InnerException?.Message}";
        return reason.Length <= ReasonLengthMax ? reason : reason[..ReasonLengthMax];
    }

    private async Task<Message<T>?> HoldAsync(
        TimeSpan? timeout, ReceiveOptions? options, CancellationToken cancellationToken)
    {
        var (connection, given) = await _channel.HoldAsync(timeout, options?.Lease, cancellationToken)
            .ConfigureAwait(false);
        return given.Messages.Count == 0 ? null : new Message<T>(connection, Name, given.Messages[0], _codec);
    }
}
