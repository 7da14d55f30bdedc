using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>
/// Puts a sequence in large pieces, a few of them under way at once. Where the queue fills up, the daemon keeps the
/// pieces in their order.
/// </summary>
internal sealed class PutMany(MessageChannel channel, TimeSpan? timeout)
{
    private const int MessagesPerPiece = 1024;
    private const int BytesPerPiece = 256 * 1024;
    private const int PiecesAtOnce = 4;

    private readonly List<Piece> _underWay = [];
    private readonly WaitTime _wait = new(timeout, channel.Clock);

    public async Task<int> RunAsync(IEnumerable<PutMessage> messages, CancellationToken cancellationToken)
    {
        // One after the other where the time may end: the second must not be put where the first was not.
        var most = timeout is null ? PiecesAtOnce : 1;
        var (done, isOver) = (0, false);
        // From here on a piece is on its way before the next one is begun: none waits for the queue to be there, and is
        // overtaken by one that finds it there.
        await channel.ConnectAsync(cancellationToken).ConfigureAwait(false);
        await using var calledOff = cancellationToken.UnsafeRegister(_ => CallOff(), null).ConfigureAwait(false);
        try
        {
            foreach (var request in Cut(messages))
            {
                Begin(request, cancellationToken);
                if (_underWay.Count < most)
                    continue;
                (var put, isOver) = await EndFirstAsync().ConfigureAwait(false);
                done += put;
                if (isOver)
                    break;
            }

            while (_underWay.Count > 0)
                done += (await EndFirstAsync().ConfigureAwait(false)).Put;
            return done;
        }
        finally
        {
            CallOff();
            foreach (var piece in _underWay)
                await ((Task)piece.Put).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var piece in _underWay)
                piece.Ending.Dispose();
        }
    }

    private void Begin(Proto.PutMessagesRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ending = new CancellationTokenSource();
        TimeSpan? left = timeout is null ? null : _wait.Next(TimeSpan.MaxValue);
        var put = channel.PutAsync(request, left, ending.Token);
        lock (_underWay)
            _underWay.Add(new Piece(put, CountOf(request), ending));
    }

    private async Task<(int Put, bool IsOver)> EndFirstAsync()
    {
        var first = _underWay[0];
        var put = await first.Put.ConfigureAwait(false);
        lock (_underWay)
            _underWay.RemoveAt(0);
        first.Ending.Dispose();
        return (put, put < first.Count);
    }

    /// <summary>The last first, so that none is put where an earlier one was not.</summary>
    private void CallOff()
    {
        lock (_underWay)
        {
            for (var index = _underWay.Count - 1; index >= 0; index--)
                _underWay[index].Ending.Cancel();
        }
    }

    private static int CountOf(Proto.PutMessagesRequest request) => request.Messages.Count + request.Payloads.Count;

    private IEnumerable<Proto.PutMessagesRequest> Cut(IEnumerable<PutMessage> messages)
    {
        var request = new Proto.PutMessagesRequest { Queue = channel.Name };
        var bytes = 0;
        foreach (var message in messages)
        {
            // All of them are put with the same options, and are of one kind.
            message.AddTo(request);
            bytes += message.Payload.Data.Length;
            if (CountOf(request) < MessagesPerPiece && bytes < BytesPerPiece)
                continue;
            yield return request;
            (request, bytes) = (new Proto.PutMessagesRequest { Queue = channel.Name }, 0);
        }

        if (CountOf(request) > 0)
            yield return request;
    }

    private sealed record Piece(Task<int> Put, int Count, CancellationTokenSource Ending);
}
