using Queued.Client.Messages;

namespace Queued.Client;

/// <summary>A message as it stands in its queue.</summary>
/// <typeparam name="T">Type of the messages.</typeparam>
public sealed class MessageInfo<T>
{
    private readonly string _queue;
    private readonly PayloadCodec<T> _codec;

    internal MessageInfo(string queue, Protocol.V1.QueueMessage wire, PayloadCodec<T> codec)
    {
        (_queue, _codec) = (queue, codec);
        Id = wire.MessageId;
        DeliveryCount = (int)wire.Delivery;
        Payload = Wire.Scalars.ToPayload(wire.Payload);
        Priority = wire.Priority;
        PutAt = Wire.Scalars.ToTime(wire.PutAt) ?? default;
        Labels = Wire.Scalars.ToDictionary(wire.Labels);
    }

    /// <summary>Its number, unique among the messages and tasks of the daemon.</summary>
    public ulong Id { get; }

    /// <summary>How often it was given to somebody.</summary>
    public int DeliveryCount { get; }

    /// <summary>Its bytes and their media type.</summary>
    public TaskPayload Payload { get; }

    /// <summary>The message itself, read from the payload at each call.</summary>
    /// <exception cref="UnreadableMessageException">The payload is not one of this type.</exception>
    public T Value => _codec.Read(Payload, Id, _queue, "It stands in its queue.");

    /// <summary>Its priority; higher comes first.</summary>
    public int Priority { get; }

    /// <summary>When it was put.</summary>
    public DateTimeOffset PutAt { get; }

    /// <summary>As they were put.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }
}
