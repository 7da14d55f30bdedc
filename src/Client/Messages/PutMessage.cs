using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Messages;

/// <summary>A message as it is put. One that is nothing but a payload goes as such, which is quicker.</summary>
/// <param name="Payload">Its bytes and their media type.</param>
/// <param name="Whole">All of it. Null: the payload is all.</param>
internal readonly record struct PutMessage(Proto.Payload Payload, Proto.NewMessage? Whole)
{
    public static PutMessage Of(TaskPayload content, PutOptions? options)
    {
        var payload = content.ToWire();
        if (options is null || options == Nothing(options.Timeout))
            return new PutMessage(payload, null);
        var whole = new Proto.NewMessage
        {
            Payload = payload,
            Priority = options.Priority,
            Delay = options.Delay.ToDuration(),
            IdempotencyKey = options.IdempotencyKey ?? "",
            IdempotencyTtl = options.IdempotencyTtl.ToDuration(),
        };
        whole.Labels.AddAll(options.Labels);
        return new PutMessage(payload, whole);
    }

    /// <summary>A request has messages of one of the two kinds.</summary>
    public bool FitsInto(Proto.PutMessagesRequest request) =>
        Whole is null ? request.Messages.Count == 0 : request.Payloads.Count == 0;

    public void AddTo(Proto.PutMessagesRequest request)
    {
        if (Whole is null)
            request.Payloads.Add(Payload);
        else
            request.Messages.Add(Whole);
    }

    private static PutOptions Nothing(TimeSpan? timeout) => new() { Timeout = timeout };
}
