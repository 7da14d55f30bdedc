namespace Queued.Client.Wire;

/// <summary>
/// A value of the program as a payload. Bytes go as they are; everything else is JSON.
/// </summary>
internal sealed class ValueCodec<T>(PayloadJson json)
{
    private static readonly bool IsBytes = typeof(T) == typeof(byte[]);
    private static readonly bool IsMemory = typeof(T) == typeof(ReadOnlyMemory<byte>);
    private static readonly bool IsPayload = typeof(T) == typeof(TaskPayload);

    public TaskPayload Write(T value)
    {
        if (IsBytes)
            return new TaskPayload((byte[]?)(object?)value ?? throw new ArgumentNullException(nameof(value)));
        if (IsMemory)
            return new TaskPayload((ReadOnlyMemory<byte>)(object)value!);
        return IsPayload ? (TaskPayload)(object)value! : json.Write(value);
    }

    /// <exception cref="UnreadableResultException">It is not JSON of this type.</exception>
    public T Read(TaskPayload payload)
    {
        if (IsBytes)
            return (T)(object)payload.Data.ToArray();
        if (IsMemory)
            return (T)(object)payload.Data;
        return IsPayload ? (T)(object)payload : json.Read<T>(payload);
    }
}
