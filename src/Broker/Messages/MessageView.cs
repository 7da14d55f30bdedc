namespace Queued.Broker;

/// <summary>A message as it is given, or shown.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Delivery">How often it was given, this time included. It is the fence.</param>
/// <param name="Payload">Its bytes, or where they are.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="PutAt">When it was put.</param>
/// <param name="Labels">As they were put.</param>
/// <param name="LeaseUntil">When its lease ends. Null: with the session, or there is none.</param>
public readonly record struct MessageView(
    TaskId Id, uint Delivery, TaskPayload Payload, int Priority, DateTimeOffset PutAt,
    IReadOnlyDictionary<string, string>? Labels, DateTimeOffset? LeaseUntil);

/// <summary>What becomes of one leased message.</summary>
public abstract record MessageSettlement(AttemptId Delivery)
{
    /// <summary>It is done with.</summary>
    public sealed record Acked(AttemptId Delivery) : MessageSettlement(Delivery);

    /// <summary>Back to its old place, or after a delay to the end; the delivery counts as lost.</summary>
    public sealed record Nacked(AttemptId Delivery, TimeSpan Delay, string Reason) : MessageSettlement(Delivery);

    /// <summary>A dead letter, whatever deliveries it has left.</summary>
    public sealed record Buried(AttemptId Delivery, string Reason) : MessageSettlement(Delivery);

    /// <summary>Nobody has begun with it: back to its old place, and nothing is counted.</summary>
    public sealed record Released(AttemptId Delivery) : MessageSettlement(Delivery);

    /// <summary>The lease's time starts again.</summary>
    public sealed record Extended(AttemptId Delivery, TimeSpan Lease) : MessageSettlement(Delivery);
}
