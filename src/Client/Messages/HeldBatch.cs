using Queued.Client.Sessions;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>Messages that came together and are held until they were looked at, and what becomes of them.</summary>
internal sealed class HeldBatch(SessionConnection connection, IReadOnlyList<Proto.QueueMessage> messages)
{
    /// <summary>
    /// The first ones are taken off the queue. The others go back to their old place, but for the one behind those where
    /// it is to be a dead letter. Completes when the daemon (on a durable queue: the disk) has that.
    /// </summary>
    /// <param name="count">So many are taken.</param>
    /// <param name="deadReason">Null: none is a dead letter.</param>
    /// <returns>Places of those that were to be taken and were not held any more.</returns>
    public async Task<IReadOnlySet<int>> TakeAsync(int count, string? deadReason)
    {
        var request = new Proto.SettleMessagesRequest();
        for (var place = 0; place < messages.Count; place++)
        {
            var settlement = new Proto.MessageSettlement
            {
                MessageId = messages[place].MessageId,
                Delivery = messages[place].Delivery,
            };
            if (place < count)
                settlement.Ack = new Proto.AckMessage();
            else if (place == count && deadReason is not null)
                settlement.Nack = new Proto.NackMessage { Bury = true, Reason = deadReason };
            else
                settlement.Release = new Proto.ReleaseMessage();
            request.Settlements.Add(settlement);
        }

        var result = await connection.CallAsync(
            new Proto.SessionOperation { SettleMessages = request }, CancellationToken.None).ConfigureAwait(false);
        var lost = result.SettleMessages.Errors.Select(error => error.MessageId).ToHashSet();
        return Enumerable.Range(0, count).Where(place => lost.Contains(messages[place].MessageId)).ToHashSet();
    }
}
