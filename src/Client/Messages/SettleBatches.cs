using Queued.Client.Sessions;
using Queued.Client.Streams;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>
/// What becomes of the messages that a session holds: what is said while something is under way travels together next.
/// </summary>
internal sealed class SettleBatches(SessionConnection connection)
{
    private const int SettlementsMax = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<PendingSettlement> _pending = new();
    private bool _isSending;

    public Task SettleAsync(Proto.MessageSettlement settlement)
    {
        var done = new Awaited<bool>();
        Add(new PendingSettlement(settlement, default, done));
        return WaitScope.RunAsync(done.Task, CancellationToken.None);
    }

    /// <summary>Nobody waits for what comes of it.</summary>
    public void Settle(Proto.MessageSettlement settlement) => Add(new PendingSettlement(settlement, default, null));

    /// <summary>It is done with. Nobody waits for what comes of that.</summary>
    public void Ack(GivenMessage message) => Add(new PendingSettlement(null, message, null));

    /// <summary>Completes when the daemon has answered all that was said so far.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
        {
            if (!_isSending)
                return Task.CompletedTask;
        }

        var done = new Awaited<bool>();
        Add(new PendingSettlement(null, default, done));
        return done.Task;
    }

    private void Add(PendingSettlement pending)
    {
        var starts = false;
        lock (_gate)
        {
            _pending.Enqueue(pending);
            if (!_isSending)
                starts = _isSending = true;
        }

        if (starts)
        {
            // What it sends later is not of this caller alone.
            using (ExecutionContext.SuppressFlow())
                _ = SendAsync();
        }
    }

    private async Task SendAsync()
    {
        var batch = new List<PendingSettlement>();
        while (Take(batch) is { } request)
        {
            try
            {
                var response = request.Settlements.Count + request.AckedMessageIds.Count > 0
                    ? await SendAsync(request).ConfigureAwait(false)
                    : new Proto.SettleMessagesResponse();
                if (batch.Count == 1 && response.Errors.Count == 0 && TryEnd())
                {
                    // It is alone: its caller may have this thread.
                    batch[0].Done?.SetHere(true);
                    return;
                }

                Settle(batch, response);
            }
#pragma warning disable CA1031 // Whatever it was, those who wait must hear of it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                foreach (var pending in batch)
                    pending.Done?.Fail(exception);
            }

            batch.Clear();
        }
    }

    private async Task<Proto.SettleMessagesResponse> SendAsync(Proto.SettleMessagesRequest request)
    {
        var operation = new Proto.SessionOperation { SettleMessages = request };
        var result = await connection.CallAsync(operation, CancellationToken.None).ConfigureAwait(false);
        return result.SettleMessages;
    }

    /// <returns>False: there is more to say.</returns>
    private bool TryEnd()
    {
        lock (_gate)
        {
            if (_pending.Count > 0)
                return false;
            _isSending = false;
            return true;
        }
    }

    private Proto.SettleMessagesRequest? Take(List<PendingSettlement> batch)
    {
        lock (_gate)
        {
            if (_pending.Count == 0)
            {
                _isSending = false;
                return null;
            }

            var request = new Proto.SettleMessagesRequest();
            while (batch.Count < SettlementsMax && _pending.TryDequeue(out var pending))
            {
                batch.Add(pending);
                if (pending.Settlement is { } settlement)
                {
                    request.Settlements.Add(settlement);
                }
                else if (pending.Acked.Id != 0)
                {
                    request.AckedMessageIds.Add(pending.Acked.Id);
                    request.AckedDeliveries.Add(pending.Acked.Delivery);
                }
            }

            return request;
        }
    }

    private static void Settle(List<PendingSettlement> batch, Proto.SettleMessagesResponse response)
    {
        var refused = response.Errors.ToLookup(error => (error.MessageId, error.Delivery), error => error.Error);
        foreach (var (settlement, _, done) in batch)
        {
            var status = response.Errors.Count > 0 && settlement is not null
                ? refused[(settlement.MessageId, settlement.Delivery)].FirstOrDefault()
                : null;
            if (status is not null)
                done?.Fail(ErrorMapping.FromStatus(status));
            else
                done?.Set(true);
        }
    }

    /// <param name="Settlement">What is said. Null: there is an ack, or else nothing but a flush.</param>
    /// <param name="Acked">The message of that ack.</param>
    /// <param name="Done">Who waits for what comes of it. Null: nobody.</param>
    private readonly record struct PendingSettlement(
        Proto.MessageSettlement? Settlement, GivenMessage Acked, Awaited<bool>? Done);
}
