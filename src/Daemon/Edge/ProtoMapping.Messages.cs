using Google.Protobuf.Collections;
using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal static partial class ProtoMapping
{
    /// <summary>Messages are entries without a handler.</summary>
    public static TaskSubmission[] ToMessages(string queue, RepeatedField<Wire.NewMessage> messages)
    {
        var submissions = new TaskSubmission[messages.Count];
        for (var index = 0; index < submissions.Length; index++)
        {
            var message = messages[index];
            submissions[index] = new TaskSubmission
            {
                Handler = "",
                Queue = queue,
                Payload = FromWire(message.Payload),
                Priority = message.Priority,
                Delay = message.Delay is null ? null : ReadSpan(message.Delay, index, "delay"),
                IdempotencyKey = message.IdempotencyKey.Length == 0 ? null : message.IdempotencyKey,
                IdempotencyTtl = message.IdempotencyTtl is null
                    ? null
                    : ReadSpan(message.IdempotencyTtl, index, "idempotency_ttl"),
                Labels = FromWire(message.Labels),
            };
        }

        return submissions;
    }

    public static MessageSettlement ToSettlement(Wire.MessageSettlement settlement, string prefix)
    {
        var check = new FieldCheck(prefix);
        var delivery = new AttemptId(check.Task(settlement.MessageId, "message_id"), settlement.Delivery);
        MessageSettlement? read = null;
        switch (settlement.SettlementCase)
        {
            case Wire.MessageSettlement.SettlementOneofCase.Ack:
                read = new MessageSettlement.Acked(delivery);
                break;
            case Wire.MessageSettlement.SettlementOneofCase.Nack:
                var nack = settlement.Nack;
                var delay = check.Duration(nack.Delay, "nack.delay");
                read = nack.Bury
                    ? new MessageSettlement.Buried(delivery, nack.Reason)
                    : new MessageSettlement.Nacked(delivery, delay ?? TimeSpan.Zero, nack.Reason);
                break;
            case Wire.MessageSettlement.SettlementOneofCase.Extend:
                var lease = check.Duration(settlement.Extend.Lease, "extend.lease");
                if (lease is null) check.Reject("extend.lease", $"{prefix}extend.lease is not set.");
                read = new MessageSettlement.Extended(delivery, lease ?? TimeSpan.Zero);
                break;
            case Wire.MessageSettlement.SettlementOneofCase.Release:
                read = new MessageSettlement.Released(delivery);
                break;
            default:
                check.Reject("settlement", $"{prefix}settlement is not set. It says what becomes of the message.");
                break;
        }

        check.ThrowIfBad();
        return read!;
    }

    public static Wire.QueueMessage ToWire(MessageView message)
    {
        var wire = new Wire.QueueMessage
        {
            MessageId = message.Id.Value,
            Delivery = message.Delivery,
            Payload = ToWire(message.Payload),
            Priority = message.Priority,
            PutAt = ToWire(message.PutAt),
            LeaseUntil = ToWire(message.LeaseUntil),
        };
        Fill(wire.Labels, message.Labels);
        return wire;
    }

    private static TimeSpan? ReadSpan(Google.Protobuf.WellKnownTypes.Duration span, int index, string field)
    {
        var check = new FieldCheck($"messages[{index}].");
        var read = check.Duration(span, field);
        check.ThrowIfBad();
        return read;
    }
}
