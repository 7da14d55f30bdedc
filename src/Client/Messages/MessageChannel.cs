using Google.Protobuf.WellKnownTypes;
using Queued.Client.Sessions;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>
/// One queue of messages over the client's session. In each session it is used first, so that it is there, and an
/// ephemeral one stays.
/// </summary>
internal sealed class MessageChannel : IAsyncDisposable
{
    /// <summary>The daemon's longest wait. Whoever waits longer asks again.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);

    private readonly ClientSession _session;
    private readonly MessageQueueOptions _options;
    private readonly Lock _gate = new();
    private readonly PutBatches _puts;
    private SessionConnection? _used;
    private Task? _using;
    private bool _isDisposed;

    public MessageChannel(ClientSession session, string name, MessageQueueOptions options, TimeProvider clock)
    {
        _session = session;
        _options = options;
        _puts = new PutBatches(this);
        (Name, Clock) = (name, clock);
    }

    public string Name { get; }

    public TimeProvider Clock { get; }

    /// <summary>The session as it is now, in which the queue is used.</summary>
    public ValueTask<SessionConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(MessageQueue<>));
            var connection = _session.Current;
            if (_used == connection && _using is { IsCompletedSuccessfully: true })
                return new ValueTask<SessionConnection>(connection);
            if (_used != connection || _using is null or { IsFaulted: true } or { IsCanceled: true })
                (_used, _using) = (connection, UseAsync(connection));
            return UsedAsync(connection, _using, cancellationToken);
        }
    }

    /// <summary>
    /// Nothing of it is used here any more. The session leaves it, unless there is another one like this.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        SessionConnection? connection;
        Task? used;
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            (connection, used) = (_used, _using);
        }

        if (connection is null || used is null)
            return;
        await used.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (used.IsCompletedSuccessfully)
            await connection.Queues.EndAsync(Name).ConfigureAwait(false);
    }

    /// <summary>Puts in batches with what else is put at the same time; waits for room without an end.</summary>
    public Task PutAsync(PutMessage message, CancellationToken cancellationToken) =>
        _puts.PutAsync(message, cancellationToken);

    /// <summary>One PutMessages by itself.</summary>
    /// <returns>How many of them are in the queue.</returns>
    public async Task<int> PutAsync(
        Proto.PutMessagesRequest request, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var wait = new WaitTime(timeout, Clock);
        var done = 0;
        while (true)
        {
            request.Wait = Duration.FromTimeSpan(wait.Next(WaitMax));
            var (count, error) = await PutSomeAsync(request, cancellationToken).ConfigureAwait(false);
            done += count;
            if (error is null)
                return done;
            if (!IsFull(error))
                throw error;
            if (wait.IsOver)
                return done;
            request = Rest(request, count);
        }
    }

    /// <returns>How many are in the queue, and why the others are not.</returns>
    public async Task<(int Done, QueuedException? Error)> PutSomeAsync(
        Proto.PutMessagesRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            var operation = new Proto.SessionOperation { PutMessages = request };
            var result = await connection.CallAsync(operation, cancellationToken).ConfigureAwait(false);
            var put = result.PutMessages;
            return (put.MessageIds.Count, put.Error is { } status ? ErrorMapping.FromStatus(status) : null);
        }
        catch (CapacityExceededException exception) when (IsFull(exception))
        {
            return (0, exception);
        }
    }

    /// <summary>Null timeout: without an end.</summary>
    /// <returns>Empty: there was none in time.</returns>
    public Task<GivenMessages> GetAsync(
        int max, TimeSpan? timeout, bool autoAck, CancellationToken cancellationToken) =>
        GetAsync(
            new Proto.GetMessagesRequest { MessagesMax = (uint)max, AutoAck = autoAck, Brief = true }, timeout,
            cancellationToken);

    /// <summary>One message, with all that belongs to it, and its lease.</summary>
    /// <inheritdoc cref="GetAsync(int, TimeSpan?, bool, CancellationToken)"/>
    public Task<GivenMessages> HoldAsync(
        TimeSpan? timeout, TimeSpan? lease, CancellationToken cancellationToken) =>
        GetAsync(
            new Proto.GetMessagesRequest { MessagesMax = 1, Lease = lease.ToDuration() }, timeout, cancellationToken);

    public async Task<IReadOnlyList<Proto.QueueMessage>> PeekAsync(
        int max, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        var request = new Proto.PeekMessagesRequest { Queue = Name, MessagesMax = (uint)max };
        request.Labels.AddAll(labels);
        var result = await connection.CallAsync(
            new Proto.SessionOperation { PeekMessages = request }, cancellationToken).ConfigureAwait(false);
        return result.PeekMessages.Messages;
    }

    /// <returns>Whether all was done with in time.</returns>
    public async Task<bool> JoinAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var wait = new WaitTime(timeout, Clock);
        while (true)
        {
            var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            var request = new Proto.JoinQueueRequest
            {
                Queue = Name,
                Wait = Duration.FromTimeSpan(wait.Next(WaitMax)),
            };
            var result = await connection.CallAsync(
                new Proto.SessionOperation { JoinQueue = request }, cancellationToken).ConfigureAwait(false);
            if (result.JoinQueue.UnfinishedCount == 0)
                return true;
            if (wait.IsOver)
                return false;
        }
    }

    public static bool IsFull(QueuedException error) => error.Reason == "QUEUE_FULL";

    private async Task<GivenMessages> GetAsync(
        Proto.GetMessagesRequest request, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        request.Queue = Name;
        var wait = new WaitTime(timeout, Clock);
        while (true)
        {
            var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            request.Wait = Duration.FromTimeSpan(wait.Next(WaitMax));
            var result = await connection.CallAsync(
                new Proto.SessionOperation { GetMessages = request }, cancellationToken).ConfigureAwait(false);
            var given = new GivenMessages(connection, result.GetMessages);
            if (given.Count > 0 || wait.IsOver)
                return given;
        }
    }

    private static Proto.PutMessagesRequest Rest(Proto.PutMessagesRequest request, int done)
    {
        var rest = new Proto.PutMessagesRequest { Queue = request.Queue };
        rest.Messages.AddRange(request.Messages.Skip(done));
        rest.Payloads.AddRange(request.Payloads.Skip(done));
        return rest;
    }

    private static async ValueTask<SessionConnection> UsedAsync(
        SessionConnection connection, Task used, CancellationToken cancellationToken)
    {
        await used.WaitAsync(cancellationToken).ConfigureAwait(false);
        return connection;
    }

    private Task UseAsync(SessionConnection connection) => connection.Queues.BeginAsync(
        Name,
        new Proto.SessionOperation
        {
            UseQueue = new Proto.UseQueueRequest
            {
                Queue = Name,
                Policy = (_options.Policy ?? new QueuePolicy()).ToWire(),
                Ephemeral = _options.Ephemeral,
            },
        });
}
