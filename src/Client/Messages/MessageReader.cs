using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>
/// Reads a queue without an end. It holds a little more than its consumer needs now, so that he seldom waits: as many
/// as he took in the last few milliseconds, and none where he is slow, so that others get them.
/// </summary>
internal sealed class MessageReader(MessageChannel channel, int ahead) : IAsyncDisposable
{
    /// <summary>So much work of its consumer may be held ahead.</summary>
    private const double AheadMilliseconds = 5;

    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private GivenMessages? _held;
    private int _next;
    private long _heldSince;
    private int _size = 1;
    private Task<GivenMessages>? _coming;

    /// <summary>Null: the queue drains, and has nothing left.</summary>
    public async ValueTask<GivenMessage?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (_held is not { } held || _next == held.Count)
        {
            Measure();
            _coming ??= GetAsync();
            try
            {
                _held = await _coming.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PreconditionFailedException exception) when (exception.Reason == "QUEUE_DRAINING")
            {
                return null;
            }

            (_next, _heldSince) = (0, channel.Clock.GetTimestamp());
            _coming = _size > 1 ? GetAsync() : null;
        }

        return _held.Value[_next++];
    }

    /// <summary>The message that came last is done with.</summary>
    public void Ack()
    {
        // Where it is refused, or the session is lost, the message is in its queue again, and nobody can be told.
        var held = _held!.Value;
        held.Connection.Settlements.Ack(held[_next - 1]);
    }

    /// <summary>The message that came last cannot be read.</summary>
    public void Bury(string reason) => Settle(
        _next - 1, new Proto.MessageSettlement { Nack = new Proto.NackMessage { Bury = true, Reason = reason } });

    /// <summary>
    /// What its consumer has not taken goes back to its old place. Completes when the daemon knows that, and what was
    /// done with: the process may end next, and what was handled must not come again.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Release();
        await _closing.CancelAsync().ConfigureAwait(false);
        if (_coming is { } coming)
        {
            await ((Task)coming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (coming.IsCompletedSuccessfully)
            {
                (_held, _next) = (coming.Result, 0);
                Release();
            }
        }

        _closing.Dispose();
        if (_held is { Connection: var connection })
        {
            await connection.Settlements.FlushAsync().WaitAsync(FlushTimeout, channel.Clock)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Release()
    {
        for (; _next < _held?.Count; _next++)
            Settle(_next, new Proto.MessageSettlement { Release = new Proto.ReleaseMessage() });
    }

    private void Settle(int place, Proto.MessageSettlement settlement)
    {
        var held = _held!.Value;
        (settlement.MessageId, settlement.Delivery) = (held[place].Id, held[place].Delivery);
        held.Connection.Settlements.Settle(settlement);
    }

    private Task<GivenMessages> GetAsync() =>
        channel.GetAsync(Math.Min(_size, ahead), null, autoAck: false, _closing.Token);

    /// <summary>How many he takes in that time, by how long the last ones took; at most twice as before.</summary>
    private void Measure()
    {
        if (_held is not { Count: > 0 and var count })
            return;
        var took = channel.Clock.GetElapsedTime(_heldSince).TotalMilliseconds / count;
        var fitting = took > 0 ? AheadMilliseconds / took : ahead;
        _size = (int)Math.Clamp(Math.Min(fitting, _size * 2.0), 1, ahead);
    }
}
