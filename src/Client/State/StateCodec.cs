using System.Runtime.CompilerServices;
using System.Text.Json;
using Google.Protobuf;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// Values of shared objects as bytes: raw where they are bytes (with their media type where they are a <see
/// cref="TaskPayload"/>), else JSON.
/// </summary>
internal sealed class StateCodec<T>(PayloadJson json, string name)
{
    public Proto.Payload Write(T value)
    {
        if (typeof(T) == typeof(byte[]))
            return new Proto.Payload { Data = ByteString.CopyFrom((byte[])(object)value!) };
        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
            return new Proto.Payload { Data = ByteString.CopyFrom(Unsafe.As<T, ReadOnlyMemory<byte>>(ref value).Span) };
        if (typeof(T) == typeof(TaskPayload))
            return ((TaskPayload)(object)value!).ToWire();
        return json.Write(value).ToWire();
    }

    /// <exception cref="UnreadableResultException">It is not JSON of this type.</exception>
    public T Read(Proto.Payload payload)
    {
        if (typeof(T) == typeof(byte[]))
            return (T)(object)payload.Data.ToByteArray();
        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            var memory = payload.Data.Memory;
            return Unsafe.As<ReadOnlyMemory<byte>, T>(ref memory);
        }

        if (typeof(T) == typeof(TaskPayload))
            return (T)(object)payload.ToPayload();

        var type = json.Info<T>();
        try
        {
            return JsonSerializer.Deserialize(payload.Data.Span, type)!;
        }
        catch (Exception exception) when (ResultJson.IsUnreadable(exception))
        {
            throw ResultJson.Unreadable(
                $"What '{name}' holds cannot be read as {typeof(T)}: {exception.Message}", exception);
        }
    }
}
