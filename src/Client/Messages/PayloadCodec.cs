using Queued.Client.Wire;

namespace Queued.Client.Messages;

/// <summary>Messages as payloads: bytes go as they are, everything else as JSON.</summary>
internal sealed class PayloadCodec<T>
{
    private PayloadCodec(Func<T, TaskPayload> write, Func<TaskPayload, T> read) => (Write, Read) = (write, read);

    public Func<T, TaskPayload> Write { get; }

    public Func<TaskPayload, T> Read { get; }

    public static PayloadCodec<T> Of(PayloadJson json)
    {
        if (typeof(T) == typeof(byte[]))
            return As<byte[]>(bytes => new TaskPayload(bytes), payload => payload.Data.ToArray());
        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
            return As<ReadOnlyMemory<byte>>(bytes => new TaskPayload(bytes), payload => payload.Data);
        if (typeof(T) == typeof(TaskPayload))
            return As<TaskPayload>(payload => payload, payload => payload);
        var type = json.Info<T>();
        return new PayloadCodec<T>(json.Write, payload => ResultJson.Read(payload.Data.Span, type));
    }

    private static PayloadCodec<T> As<TRaw>(Func<TRaw, TaskPayload> write, Func<TaskPayload, TRaw> read) =>
        new((Func<T, TaskPayload>)(object)write, (Func<TaskPayload, T>)(object)read);
}
