using Queued.Client.Wire;

namespace Queued.Client.Messages;

/// <summary>Messages as payloads: bytes go as they are, everything else as JSON.</summary>
internal sealed class PayloadCodec<T>
{
    private readonly Func<TaskPayload, T> _read;

    private PayloadCodec(Func<T, TaskPayload> write, Func<TaskPayload, T> read, bool readsAll) =>
        (Write, _read, ReadsAll) = (write, read, readsAll);

    public Func<T, TaskPayload> Write { get; }

    /// <summary>There is no payload that it cannot read.</summary>
    public bool ReadsAll { get; }

    public static PayloadCodec<T> Of(PayloadJson json)
    {
        if (typeof(T) == typeof(byte[]))
            return As<byte[]>(bytes => new TaskPayload(bytes), payload => payload.Data.ToArray());
        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
            return As<ReadOnlyMemory<byte>>(bytes => new TaskPayload(bytes), payload => payload.Data);
        if (typeof(T) == typeof(TaskPayload))
            return As<TaskPayload>(payload => payload, payload => payload);
        var type = json.Info<T>();
        return new PayloadCodec<T>(json.Write, payload => ResultJson.Read(payload.Data.Span, type), readsAll: false);
    }

    /// <param name="payload">Of the message.</param>
    /// <param name="message">Its number.</param>
    /// <param name="queue">Its queue.</param>
    /// <param name="whereIsIt">Where it is when it cannot be read, as a sentence.</param>
    /// <exception cref="UnreadableMessageException">It is not of this type.</exception>
    public T Read(TaskPayload payload, ulong message, string queue, string whereIsIt)
    {
        try
        {
            return _read(payload);
        }
        catch (UnreadableResultException exception)
        {
            var details = new ErrorDetails(
                ErrorMapping.MessageUnreadable,
                $"The message {message} of the queue '{queue}' cannot be read as {typeof(T)}. {whereIsIt} Its bytes "
                + $"are in the {nameof(UnreadableMessageException.Payload)} of this exception. Read the queue as the "
                + $"type that is put into it, or as {nameof(TaskPayload)}.")
            {
                Resource = queue,
            };
            throw new UnreadableMessageException(details, exception.InnerException ?? exception)
            {
                MessageId = message,
                Payload = payload,
            };
        }
    }

    private static PayloadCodec<T> As<TRaw>(Func<TRaw, TaskPayload> write, Func<TaskPayload, TRaw> read) =>
        new((Func<T, TaskPayload>)(object)write, (Func<TaskPayload, T>)(object)read, readsAll: true);
}
