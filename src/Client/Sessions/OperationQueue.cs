using Google.Protobuf.Collections;
using Queued.Worker.Connection;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Sessions;

/// <summary>What a session still has to send, and who waits for which answer.</summary>
internal sealed class OperationQueue
{
    private const int OperationsPerMessage = 1024;
    private const int BytesPerMessage = 1024 * 1024;

    /// <summary>What a payload has beside its bytes, and rather more.</summary>
    private const int BytesBeside = 16;

    private readonly Lock _gate = new();
    private readonly Queue<(Proto.SessionOperation Operation, PendingOperation? Pending)> _unsent = new();
    private readonly Dictionary<ulong, PendingOperation> _pending = [];
    private readonly Dictionary<ulong, Action<QueuedException>> _pipeEnds = [];
    private readonly List<ulong> _cancels = [];
    private ulong _latestTag;
    private long _credits;
    private bool _isStarved;
    private QueuedException? _end;

    public bool IsEnded
    {
        get
        {
            lock (_gate)
                return _end is not null;
        }
    }

    public bool HasSentAll
    {
        get
        {
            lock (_gate)
                return _unsent.Count == 0;
        }
    }

    /// <summary>Gives the operation its tag. Where the session has ended the operation fails at once.</summary>
    public void Add(Proto.SessionOperation operation, PendingOperation pending)
    {
        QueuedException end;
        lock (_gate)
        {
            if (_end is null)
            {
                pending.IsSent = false;
                operation.Tag = ++_latestTag;
                _pending.Add(operation.Tag, pending);
                _unsent.Enqueue((operation, pending));
                return;
            }

            end = _end;
        }

        pending.Fail(end);
    }

    /// <returns>Why the session has ended, where it has: then nothing is sent.</returns>
    public QueuedException? AddSilent(Proto.SessionOperation operation)
    {
        lock (_gate)
        {
            if (_end is null)
                _unsent.Enqueue((operation, null));
            return _end;
        }
    }

    /// <summary>
    /// Hears what goes wrong at an end of a pipe without an answer, and of the end of the session; on the thread that
    /// reads.
    /// </summary>
    public void WatchPipeEnd(ulong end, Action<QueuedException> failed)
    {
        QueuedException? ended;
        lock (_gate)
        {
            ended = _end;
            if (ended is null)
                _pipeEnds.Add(end, failed);
        }

        if (ended is not null)
            failed(ended);
    }

    public void UnwatchPipeEnd(ulong end)
    {
        lock (_gate)
            _pipeEnds.Remove(end);
    }

    /// <summary>
    /// Calls off the wait of an operation that has no answer yet. One that was not sent will not be, and fails here.
    /// </summary>
    public void Cancel(ulong tag)
    {
        PendingOperation? unsent;
        lock (_gate)
        {
            if (!_pending.TryGetValue(tag, out unsent))
                return;
            if (unsent.IsSent)
            {
                _cancels.Add(tag);
                return;
            }

            _pending.Remove(tag);
            unsent.IsCalledOff = true;
        }

        unsent.Fail(ErrorMapping.Make(
            new ErrorDetails("WAIT_CANCELLED", "It was called off before it was sent.")));
    }

    /// <returns>Null: there is nothing to send, or no credit to send it with.</returns>
    public Proto.OpenSessionRequest? TakeMessage()
    {
        lock (_gate)
        {
            Proto.OpenSessionRequest? message = null;
            var bytes = 0;
            while (_unsent.TryPeek(out var next))
            {
                var (operation, pending) = next;
                if (pending is { IsCalledOff: true })
                {
                    _unsent.Dequeue();
                    continue;
                }

                if (_credits == 0 || bytes >= BytesPerMessage || message?.Operations.Count >= OperationsPerMessage)
                    break;
                _unsent.Dequeue();
                if (pending is not null)
                    pending.IsSent = true;
                bytes += AboutBytes(operation);
                _credits--;
                message ??= new Proto.OpenSessionRequest();
                message.Operations.Add(operation);
            }

            _isStarved = _credits == 0 && _unsent.Count > 0;

            // They need no credit: what they end may be what others wait for.
            if (_cancels.Count > 0)
            {
                message ??= new Proto.OpenSessionRequest();
                message.CancelTags.Add(_cancels);
                _cancels.Clear();
            }

            return message;
        }
    }

    /// <summary>About how long it is. To count is as much work as to write it.</summary>
    private static int AboutBytes(Proto.SessionOperation operation) => operation.OperationCase switch
    {
        Proto.SessionOperation.OperationOneofCase.PutMessages when operation.PutMessages.Messages.Count == 0 =>
            AboutBytes(operation.PutMessages.Payloads),
        Proto.SessionOperation.OperationOneofCase.SendToPipe => AboutBytes(operation.SendToPipe.Messages),
        _ => operation.CalculateSize(),
    };

    private static int AboutBytes(RepeatedField<Proto.Payload> payloads)
    {
        var bytes = 0;
        foreach (var payload in payloads)
            bytes += payload.Data.Length + payload.ContentType.Length + BytesBeside;
        return bytes;
    }

    /// <summary>Hands out answers and credits.</summary>
    /// <param name="response">A message of the daemon.</param>
    /// <param name="wakes">Has those who waited for an answer.</param>
    /// <returns>Whether something waited for credits that can be sent now.</returns>
    public bool Take(Proto.OpenSessionResponse response, ReaderWakes wakes)
    {
        foreach (var result in response.Results)
        {
            PendingOperation? pending;
            Action<QueuedException>? failed = null;
            lock (_gate)
            {
                if (!_pending.Remove(result.Tag, out pending))
                    _pipeEnds.TryGetValue(result.PipeEndId, out failed);
            }

            if (pending is not null)
                pending.Complete(result, wakes);
            else if (result.Error is { } status)
                failed?.Invoke(ErrorMapping.FromStatus(status));
        }

        lock (_gate)
        {
            _credits += response.OperationCredits;
            return _isStarved && _credits > 0;
        }
    }

    /// <summary>Everybody who waits, and everybody who comes from now on, hears this.</summary>
    public void End(QueuedException end)
    {
        List<PendingOperation> all;
        List<Action<QueuedException>> pipeEnds;
        lock (_gate)
        {
            _end = end;
            all = [.. _pending.Values];
            pipeEnds = [.. _pipeEnds.Values];
            _pending.Clear();
            _pipeEnds.Clear();
            _unsent.Clear();
        }

        foreach (var pending in all)
            pending.Fail(end);
        foreach (var failed in pipeEnds)
            failed(end);
    }
}
