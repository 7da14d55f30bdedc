using Queued.Client.Sessions;
using Queued.Client.Streams;
using Queued.Worker.Connection;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Pipes;

/// <summary>
/// Sends without waiting for answers, as far ahead of the pipe as the window allows. Now and then it asks for one; that
/// all before it are in the pipe, too, as they go in order, opens the window again.
/// </summary>
internal sealed class PipeSender(SessionConnection connection, string pipe, ulong end, long windowBytes)
{
    private const int WindowMessages = 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<WaitingSend> _waiting = new();
    private long _bytes;
    private int _count;
    private long _unaskedBytes;
    private int _unaskedCount;
    private int _asked;
    private QueuedException? _failure;

    /// <summary>Completes when the message is on its way to the daemon.</summary>
    public ValueTask SendAsync(TaskPayload payload, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (payload.Data.Length > connection.PayloadBytesMax)
            throw TooLarge(payload.Data.Length);
        var message = new Proto.Payload
        {
            Data = Google.Protobuf.UnsafeByteOperations.UnsafeWrap(payload.Data),
            ContentType = payload.ContentType,
        };
        WaitingSend? send = null;
        lock (_gate)
        {
            if (_failure is not null)
                throw _failure;
            if (_waiting.Count == 0 && HasRoom(payload.Data.Length))
            {
                SendLocked(message);
            }
            else
            {
                send = new WaitingSend(message);
                _waiting.AddLast(send.Node);
            }
        }

        if (send is not null)
            return new ValueTask(WaitAsync(send, cancellationToken));
        connection.Wake();
        return ValueTask.CompletedTask;
    }

    /// <summary>Nothing more can be sent, for this reason. The first one counts.</summary>
    public void Fail(QueuedException failure)
    {
        List<WaitingSend> all;
        lock (_gate)
        {
            _failure ??= failure;
            failure = _failure;
            all = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var send in all)
            send.Sent.TrySetException(failure);
    }

    private async Task WaitAsync(WaitingSend send, CancellationToken cancellationToken)
    {
        try
        {
            await WaitScope.RunAsync(send.Sent.Task, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                // It may have been sent just now: then it was not cancelled.
                if (send.Node.List is null && _failure is null)
                    return;
                if (send.Node.List is not null)
                    _waiting.Remove(send.Node);
            }

            throw;
        }
    }

    /// <summary>
    /// Also where it is asked for nothing, so that no answer would come: the next one asks.
    /// </summary>
    private bool HasRoom(int bytes) =>
        _asked == 0 || (_count < WindowMessages && _bytes + bytes <= windowBytes);

    /// <summary>The connection is to be woken then, without the lock.</summary>
    private void SendLocked(Proto.Payload message)
    {
        var bytes = message.Data.Length;
        _bytes += bytes;
        _count++;
        _unaskedBytes += bytes;
        _unaskedCount++;
        var operation = new Proto.SessionOperation
        {
            SendToPipe = new Proto.SendToPipeRequest { PipeEndId = end, Messages = { message } },
        };
        if (_unaskedCount < WindowMessages / 4 && _unaskedBytes < windowBytes / 4)
        {
            // Where the session has ended, Fail is, or was, called with the reason.
            connection.Send(operation);
            return;
        }

        var ask = new AskedSend(this, _unaskedCount, _unaskedBytes);
        (_unaskedCount, _unaskedBytes) = (0, 0);
        _asked++;
        connection.Start(operation, ask);
    }

    private void Acknowledge(int count, long bytes)
    {
        List<WaitingSend>? sent = null;
        lock (_gate)
        {
            _asked--;
            _count -= count;
            _bytes -= bytes;
            while (_waiting.First is { Value: var next } && HasRoom(next.Message.Data.Length))
            {
                _waiting.RemoveFirst();
                SendLocked(next.Message);
                (sent ??= []).Add(next);
            }
        }

        if (sent is null)
            return;
        connection.Wake();
        foreach (var send in sent)
            send.Sent.TrySetResult(true);
    }

    private QueuedException TooLarge(int length) => ErrorMapping.Make(
        new ErrorDetails(
            ErrorMapping.PayloadTooLarge,
            $"The message to the pipe '{pipe}' has {length} bytes; at most {connection.PayloadBytesMax} are taken.")
        {
            Field = "messages[0].data",
            Resource = "payload_bytes_max",
        });

    private sealed class WaitingSend
    {
        public WaitingSend(Proto.Payload message)
        {
            Message = message;
            Node = new LinkedListNode<WaitingSend>(this);
        }

        public Proto.Payload Message { get; }

        public LinkedListNode<WaitingSend> Node { get; }

        public TaskCompletionSource<bool> Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class AskedSend(PipeSender sender, int count, long bytes) : PendingOperation
    {
        public override void Complete(Proto.SessionResult result, ReaderWakes wakes)
        {
            if (result.Error is { } status)
                sender.Fail(ErrorMapping.FromStatus(status));
            else
                sender.Acknowledge(count, bytes);
        }

        public override void Fail(QueuedException end) => sender.Fail(end);
    }
}
