using Google.Protobuf.Collections;
using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal static partial class ProtoMapping
{
    /// <summary>Messages are entries without a handler.</summary>
    public static TaskSubmission[] ToMessages(Wire.PutMessagesRequest request)
    {
        if (request.Payloads.Count == 0) return ToMessages(request.Queue, request.Messages);
        if (request.Messages.Count > 0)
            throw RpcErrors.InvalidCall("payloads", "There are messages as well as payloads. Send one or the other.");
        var submissions = new TaskSubmission[request.Payloads.Count];
        var terms = new TaskTerms { Handler = "", Queue = request.Queue };
        for (var index = 0; index < submissions.Length; index++)
            submissions[index] = new TaskSubmission(terms) { Payload = FromWire(request.Payloads[index]) };

        return submissions;
    }

    private static TaskSubmission[] ToMessages(string queue, RepeatedField<Wire.NewMessage> messages)
    {
        var submissions = new TaskSubmission[messages.Count];
        for (var index = 0; index < submissions.Length; index++)
        {
            var message = messages[index];
            var terms = new TaskTerms
            {
                Handler = "",
                Queue = queue,
                Delay = message.Delay is null ? null : ReadSpan(message.Delay, index, "delay"),
                IdempotencyKey = message.IdempotencyKey.Length == 0 ? null : message.IdempotencyKey,
                IdempotencyTtl = message.IdempotencyTtl is null
                    ? null
                    : ReadSpan(message.IdempotencyTtl, index, "idempotency_ttl"),
                Labels = FromWire(message.Labels),
            };
            submissions[index] = new TaskSubmission(terms)
            {
                Payload = FromWire(message.Payload),
                Priority = message.Priority,
            };
        }

        return submissions;
    }

    public static MessageSettlement[] ToSettlements(Wire.SettleMessagesRequest request)
    {
        var (others, acked) = (request.Settlements.Count, request.AckedMessageIds.Count);
        if (request.AckedDeliveries.Count != acked)
        {
            throw RpcErrors.InvalidCall(
                "acked_deliveries",
                $"There are {request.AckedDeliveries.Count} acked_deliveries for {acked} acked_message_ids.");
        }

        var settlements = new MessageSettlement[others + acked];
        for (var index = 0; index < others; index++)
            settlements[index] = ToSettlement(request.Settlements[index], $"settlements[{index}].");
        for (var index = 0; index < acked; index++)
        {
            var message = new TaskId(request.AckedMessageIds[index]);
            settlements[others + index] = new MessageSettlement.Acked(
                new AttemptId(message, request.AckedDeliveries[index]));
        }

        return settlements;
    }

    private static MessageSettlement ToSettlement(Wire.MessageSettlement settlement, string prefix)
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

    /// <summary>What is there of them for who asked for no more.</summary>
    public static Wire.GetMessagesResponse ToBrief(IReadOnlyList<MessageView> messages)
    {
        var wire = new Wire.GetMessagesResponse();
        wire.Payloads.Capacity = wire.MessageIds.Capacity = wire.Deliveries.Capacity = messages.Count;
        for (var index = 0; index < messages.Count; index++)
        {
            var message = messages[index];
            wire.Payloads.Add(ToWire(message.Payload));
            wire.MessageIds.Add(message.Id.Value);
            wire.Deliveries.Add(message.Delivery);
        }

        return wire;
    }

    /// <summary>About what they take on the wire, with a little beside each.</summary>
    public static int AboutBytes(RepeatedField<Wire.Payload> payloads)
    {
        var bytes = 0;
        foreach (var payload in payloads) bytes += payload.Data.Length + payload.ContentType.Length + 16;
        return bytes;
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
