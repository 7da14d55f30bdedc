using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Queued.Client.Pipes;
using Queued.Client.Sessions;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// One end of a pipe of the daemon, as <c>multiprocessing.Pipe</c> has two: messages go whole, in their order, to
/// whoever holds the other end, in this process or another. The end is taken with the first call, or by
/// <see cref="OpenAsync"/>, and held until it is closed, or until the client's session ends, by whatever. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// What the daemon has for this end comes to this process by itself, some messages ahead of who receives them. All of
/// it is gone when the end is closed or the process ends, as what is in the pipe is: nobody else can take the end.
/// </para>
/// <para>
/// Every method but the closing ones throws <see cref="PreconditionFailedException"/> where the end is, or was, held by
/// somebody, <see cref="ConflictException"/> where the pipe has another mode or buffer,
/// <see cref="SessionLostException"/> where the session was lost and the end with it,
/// <see cref="ObjectDisposedException"/> where it was closed here, and <see cref="OperationCanceledException"/> for the
/// caller's token.
/// </para>
/// </remarks>
/// <typeparam name="T">
/// What a message is. <c>byte[]</c>, <c>ReadOnlyMemory&lt;byte&gt;</c> and <see cref="TaskPayload"/> go as they are and
/// must not be changed after they were sent; everything else is written as JSON.
/// </typeparam>
public sealed class PipeEnd<T> : IPipeEnd, IAsyncDisposable
{
    private readonly ClientSession _session;
    private readonly ValueCodec<T> _codec;
    private readonly Proto.OpenPipeRequest _request;
    private readonly Lock _gate = new();
    private volatile PipeLink? _link;
    private Task<PipeLink>? _opening;
    private volatile bool _isClosed;

    internal PipeEnd(ClientSession session, PayloadJson json, Proto.OpenPipeRequest request)
    {
        _session = session;
        _codec = new ValueCodec<T>(json);
        _request = request;
    }

    /// <summary>Name of the pipe.</summary>
    public string Name => _request.Name;

    /// <summary>Which end it is; <see cref="PipeSide.Any"/> before it was taken, where none was asked for.</summary>
    public PipeSide Side => _link?.Side ?? (PipeSide)_request.Side;

    /// <summary>Takes the end, where it was not taken yet. The other one need not be there.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    public async ValueTask OpenAsync(CancellationToken cancellationToken = default) =>
        await LinkAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Sends a message. Completes when it is on its way, at most a buffer's length (by default 1 MiB, or 1024 messages)
    /// ahead of what has room in the pipe; waits there while the other end does not receive. Nothing tells whether it
    /// will be received.
    /// </summary>
    /// <param name="message">At most the daemon's limit of a payload (4 MiB by default).</param>
    /// <param name="cancellationToken">Stops the wait for room; then the message is not sent.</param>
    /// <exception cref="PipeClosedException">
    /// The other end is closed, or this one for sending, or it only receives. Known only when the daemon has said so:
    /// messages sent just before may be lost.
    /// </exception>
    /// <exception cref="InvalidRequestException">The message is too large.</exception>
    public ValueTask SendAsync(T message, CancellationToken cancellationToken = default)
    {
        var payload = _codec.Write(message);
        return _link is { } link && !_isClosed
            ? Sender(link).SendAsync(payload, cancellationToken)
            : OpenAndSendAsync(payload, cancellationToken);
    }

    /// <summary>Waits for a message and takes it. Those who wait are served in the order of coming.</summary>
    /// <param name="timeout">How long, 0 or more. Null: until one comes, or the end.</param>
    /// <param name="cancellationToken">Stops the wait; nothing is taken.</param>
    /// <exception cref="PipeClosedException">
    /// The end of the pipe: the other end was closed, or its holder has gone, and all that it sent was received. Also
    /// where this end only sends. What is <c>EOFError</c> to Python.
    /// </exception>
    /// <exception cref="TimeoutException">There was none in time.</exception>
    /// <exception cref="UnreadableResultException">
    /// What has come is not a <typeparamref name="T"/>. It is gone.
    /// </exception>
    public async ValueTask<T> ReceiveAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var limit = CheckTimeout(timeout ?? Timeout.InfiniteTimeSpan);
        var receiver = Receiver(await LinkAsync(cancellationToken).ConfigureAwait(false));
        if (await receiver.ReceiveAsync(limit, cancellationToken).ConfigureAwait(false) is { } payload)
            return _codec.Read(payload);
        throw receiver.HasEnded
            ? receiver.EndOfPipe()
            : new TimeoutException($"No message came to the pipe '{Name}' within {timeout}.");
    }

    /// <summary>
    /// Takes a message that has come to this process already. Once the end was taken what the daemon has comes here by
    /// itself, up to 1 MiB or 1024 messages ahead.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <returns>False: none has come, or the end.</returns>
    public bool TryReceive([MaybeNullWhen(false)] out T message)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_link is { CanReceive: true } link && link.Receiver.TryReceive(out var payload))
        {
            message = _codec.Read(payload);
            return true;
        }

        message = default;
        return false;
    }

    /// <summary>Waits until a receive would not wait: a message, or the end, has come. Takes nothing.</summary>
    /// <param name="timeout">
    /// How long, 0 or more; 0 asks the daemon how it is now. Infinite: until there is one.
    /// </param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>False: the time is over.</returns>
    /// <exception cref="PipeClosedException">This end only sends.</exception>
    public async ValueTask<bool> PollAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        CheckTimeout(timeout);
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        var receiver = Receiver(link);
        if (!receiver.IsReady)
        {
            if (timeout == TimeSpan.Zero)
            {
                // Whatever the daemon had before it answers this has come here before the answer.
                var poll = new Proto.PollPipeRequest { PipeEndId = link.End };
                await link.Connection.CallAsync(
                    new Proto.SessionOperation { PollPipe = poll }, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ArrivalWait.AnyAsync([receiver.Arrival()], timeout, cancellationToken).ConfigureAwait(false);
            }
        }

        receiver.ThrowIfFailed();
        return receiver.IsReady;
    }

    /// <summary>Takes messages as they come, until the end of the pipe.</summary>
    /// <param name="cancellationToken">Stops it; nothing that was not given out is lost.</param>
    /// <exception cref="PipeClosedException">This end was closed meanwhile, or only sends.</exception>
    /// <exception cref="UnreadableResultException">A message is not a <typeparamref name="T"/>.</exception>
    public async IAsyncEnumerable<T> ReadAllAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var receiver = Receiver(await LinkAsync(cancellationToken).ConfigureAwait(false));
        while (true)
        {
            var payload = await receiver.ReceiveAsync(
                Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            if (payload is null)
                yield break;
            yield return _codec.Read(payload.Value);
        }
    }

    /// <summary>
    /// Closes the half that sends: the other end reads what was sent, then the end of the pipe. This one goes on
    /// receiving. Done more than once it changes nothing.
    /// </summary>
    /// <param name="cancellationToken">Stops the wait for the daemon's answer; it is closed all the same.</param>
    public async ValueTask CloseSendingAsync(CancellationToken cancellationToken = default)
    {
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        await link.CloseAsync(sendingOnly: true).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Gives the end back: the other one reads what was sent, then the end of the pipe; what it has sent and was not
    /// received is dropped. Done more than once, or where nothing was taken, it changes nothing.
    /// </summary>
    /// <param name="cancellationToken">Stops the wait for the daemon's answer; it is closed all the same.</param>
    public async ValueTask CloseAsync(CancellationToken cancellationToken = default)
    {
        Task<PipeLink>? opening;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            opening = _opening;
        }

        if (opening is not null)
            await CloseLinkAsync(opening).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same as <see cref="CloseAsync"/>.</summary>
    public ValueTask DisposeAsync() => CloseAsync();

    async ValueTask<PipeLink> IPipeEnd.OpenToReceiveAsync(CancellationToken cancellationToken)
    {
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        Receiver(link);
        return link;
    }

    private async ValueTask<PipeLink> LinkAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (_link is { } link)
            return link;
        Task<PipeLink> opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (_opening is not { IsFaulted: false })
                _opening = OpenLinkAsync();
            opening = _opening;
        }

        return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // For all who come, so nobody's token ends it.
    private async Task<PipeLink> OpenLinkAsync() => _link = await PipeLink.OpenAsync(
        _session.Current, _request, CancellationToken.None).ConfigureAwait(false);

    private static async Task CloseLinkAsync(Task<PipeLink> opening)
    {
        PipeLink link;
        try
        {
            link = await opening.ConfigureAwait(false);
        }
        catch (QueuedException)
        {
            // It was never taken, and whoever wanted it has heard of it.
            return;
        }

        await link.CloseAsync(sendingOnly: false).ConfigureAwait(false);
    }

    private async ValueTask OpenAndSendAsync(TaskPayload payload, CancellationToken cancellationToken)
    {
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        await Sender(link).SendAsync(payload, cancellationToken).ConfigureAwait(false);
    }

    private static PipeSender Sender(PipeLink link) => link.CanSend
        ? link.Sender
        : throw PipeLink.Closed(link.Name, "it is one-way, and its first end only receives.");

    private static PipeReceiver Receiver(PipeLink link) => link.CanReceive
        ? link.Receiver
        : throw PipeLink.Closed(link.Name, "it is one-way, and its second end only sends.");

    private static TimeSpan CheckTimeout(TimeSpan timeout)
    {
        if (timeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return timeout;
    }
}
