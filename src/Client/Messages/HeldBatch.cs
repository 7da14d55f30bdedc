using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>What becomes of messages that came together and were held until they were looked at.</summary>
internal static class HeldBatch
{
    /// <summary>
    /// The first ones are taken off the queue. The others go back to their old place, but for the one behind those
    /// where it is to be a dead letter. Completes when the daemon (on a durable queue: the disk) has that.
    /// </summary>
    /// <param name="given">All of them.</param>
    /// <param name="count">So many are taken.</param>
    /// <param name="deadReason">Null: none is a dead letter.</param>
    /// <returns>Numbers of those that were not held any more.</returns>
    public static async Task<IReadOnlySet<ulong>> TakeAsync(GivenMessages given, int count, string? deadReason)
    {
        var request = new Proto.SettleMessagesRequest();
        for (var place = 0; place < given.Count; place++)
        {
            var message = given[place];
            if (place < count)
            {
                request.AckedMessageIds.Add(message.Id);
                request.AckedDeliveries.Add(message.Delivery);
                continue;
            }

            var settlement = new Proto.MessageSettlement { MessageId = message.Id, Delivery = message.Delivery };
            if (place == count && deadReason is not null)
                settlement.Nack = new Proto.NackMessage { Bury = true, Reason = deadReason };
            else
                settlement.Release = new Proto.ReleaseMessage();
            request.Settlements.Add(settlement);
        }

        var result = await given.Connection.CallAsync(
            new Proto.SessionOperation { SettleMessages = request }, CancellationToken.None).ConfigureAwait(false);
        return result.SettleMessages.Errors.Select(error => error.MessageId).ToHashSet();
    }
}
