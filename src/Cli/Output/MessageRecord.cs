using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A message of <c>queue get</c> and <c>queue peek</c>.</summary>
internal sealed record MessageRecord
{
    public required ulong MessageId { get; init; }

    public required int DeliveryCount { get; init; }

    public required int Priority { get; init; }

    public required DateTimeOffset PutAt { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public required PayloadRecord Payload { get; init; }

    public static MessageRecord From(Message<TaskPayload> message) => new()
    {
        MessageId = message.Id,
        DeliveryCount = message.DeliveryCount,
        Priority = message.Priority,
        PutAt = message.PutAt,
        Labels = message.Labels.Count == 0 ? null : message.Labels,
        Payload = PayloadRecord.From(message.Payload),
    };

    public static MessageRecord From(MessageInfo<TaskPayload> message) => new()
    {
        MessageId = message.Id,
        DeliveryCount = message.DeliveryCount,
        Priority = message.Priority,
        PutAt = message.PutAt,
        Labels = message.Labels.Count == 0 ? null : message.Labels,
        Payload = PayloadRecord.From(message.Payload),
    };
}

/// <summary>Answer of <c>queue put</c>.</summary>
internal sealed record PutRecord(string Queue, long PutCount);
