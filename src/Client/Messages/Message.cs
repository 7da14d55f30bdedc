using Queued.Client.Messages;
using Queued.Client.Sessions;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A message that this client holds. Nobody else gets it until it is given back, its lease ends, or the client is
/// gone; then it stands in its old place again. Thread-safe.
/// </summary>
/// <typeparam name="T">Type of the messages.</typeparam>
/// <remarks>
/// Every method that gives it back or extends it throws <see cref="GrantLostException"/> where the message is not held
/// any more: it was settled, its lease ended, or the queue was purged; and <see cref="SessionLostException"/> where the
/// connection to the daemon broke since, which brought it back.
/// </remarks>
public sealed class Message<T> : IAsyncDisposable
{
    private readonly SessionConnection _connection;
    private readonly string _queue;
    private readonly PayloadCodec<T> _codec;
    private int _isSettled;

    internal Message(SessionConnection connection, string queue, Proto.QueueMessage wire, PayloadCodec<T> codec)
    {
        (_connection, _queue, _codec) = (connection, queue, codec);
        Id = wire.MessageId;
        DeliveryCount = (int)wire.Delivery;
        Payload = wire.Payload.ToPayload();
        Priority = wire.Priority;
        PutAt = wire.PutAt.ToTime() ?? default;
        Labels = wire.Labels.ToDictionary();
        LeaseUntil = wire.LeaseUntil.ToTime();
    }

    /// <summary>Its number, unique among the messages and tasks of the daemon.</summary>
    public ulong Id { get; }

    /// <summary>How often it was given to somebody, this time included.</summary>
    public int DeliveryCount { get; }

    /// <summary>Its bytes and their media type.</summary>
    public TaskPayload Payload { get; }

    /// <summary>The message itself, read from the payload at each call.</summary>
    /// <exception cref="UnreadableMessageException">The payload is not one of this type. It is held still.</exception>
    public T Value => _codec.Read(Payload, Id, _queue, "It is held until it is settled.");

    /// <summary>Its priority; higher comes first.</summary>
    public int Priority { get; }

    /// <summary>When it was put.</summary>
    public DateTimeOffset PutAt { get; }

    /// <summary>As they were put.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>
    /// When the lease ends as it was given; extensions do not move it. Null: it lasts as long as the client.
    /// </summary>
    public DateTimeOffset? LeaseUntil { get; }

    /// <summary>It is done with, and gone. Completes when the daemon (on a durable queue: the disk) has that.</summary>
    /// <param name="cancellationToken">Stops the wait; the message is gone all the same.</param>
    public Task AckAsync(CancellationToken cancellationToken = default) =>
        EndAsync(new Proto.MessageSettlement { Ack = new Proto.AckMessage() }, cancellationToken);

    /// <summary>
    /// It is not done with, and comes back. This delivery counts: when the queue's max_deliveries, 20 by default, are
    /// used up, it becomes a dead letter instead.
    /// </summary>
    /// <param name="delay">Comes back after so much time, 0 to 365 days. 0: at once, to its old place.</param>
    /// <param name="reason">One line for people, kept where it becomes a dead letter.</param>
    /// <param name="cancellationToken">Stops the wait; the message comes back all the same.</param>
    public Task NackAsync(
        TimeSpan delay = default, string reason = "", CancellationToken cancellationToken = default) =>
        EndAsync(
            new Proto.MessageSettlement
            {
                Nack = new Proto.NackMessage
                {
                    Delay = delay == TimeSpan.Zero ? null : ((TimeSpan?)delay).ToDuration(),
                    Reason = reason,
                },
            },
            cancellationToken);

    /// <summary>It cannot be done: it becomes a dead letter of its queue, where it can be read and requeued.</summary>
    /// <param name="reason">One line for people, kept with it; at most 1 KiB.</param>
    /// <param name="cancellationToken">Stops the wait; it is a dead letter all the same.</param>
    public Task BuryAsync(string reason = "", CancellationToken cancellationToken = default) =>
        EndAsync(
            new Proto.MessageSettlement { Nack = new Proto.NackMessage { Bury = true, Reason = reason } },
            cancellationToken);

    /// <summary>The lease's time starts again. One that lasted as long as the client has an end from now on.</summary>
    /// <param name="lease">Its new length from now on, 1 second to 30 days.</param>
    /// <param name="cancellationToken">Stops the wait; the lease is extended all the same.</param>
    public Task ExtendAsync(TimeSpan lease, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _isSettled) != 0)
            return Task.FromException(Settled());
        var extend = new Proto.ExtendMessage { Lease = ((TimeSpan?)lease).ToDuration() };
        return SettleAsync(new Proto.MessageSettlement { Extend = extend }, cancellationToken);
    }

    /// <summary>
    /// Gives it back as <see cref="NackAsync"/> does, where nothing was said of it yet. Throws nothing where it is not
    /// held any more.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isSettled, 1) != 0)
            return;
        try
        {
            await SettleAsync(
                new Proto.MessageSettlement { Nack = new Proto.NackMessage() }, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (QueuedException exception)
            when (exception is SessionLostException or GrantLostException or DaemonUnavailableException)
        {
            // It is back already, or comes back with the end of the session.
        }
    }

    private Task EndAsync(Proto.MessageSettlement settlement, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _isSettled, 1) != 0
            ? Task.FromException(Settled())
            : SettleAsync(settlement, cancellationToken);

    private Task SettleAsync(Proto.MessageSettlement settlement, CancellationToken cancellationToken)
    {
        settlement.MessageId = Id;
        settlement.Delivery = (uint)DeliveryCount;
        return _connection.Settlements.SettleAsync(settlement).WaitAsync(cancellationToken);
    }

    private GrantLostException Settled() =>
        new(new ErrorDetails("GRANT_STALE", $"The message {Id} was given back before, by this holder itself."));
}
