using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Queued.Client.Maps;
using Queued.Client.Wire;
using Queued.Worker;
using Queued.Worker.Chunks;

namespace Queued.Client.ProcessPools;

/// <summary>A function and its inputs: <c>{"call": …, "inputs": […]}</c>. The result is a chunk's.</summary>
internal static class CallPayload
{
    public const string Handler = "call";
    public const string ContentType = "application/vnd.queued.call+json";

    private static readonly byte[] Head = """{"call":"""u8.ToArray();
    private static readonly byte[] Middle = ""","inputs":"""u8.ToArray();
    private static readonly byte[] Tail = "}"u8.ToArray();

    public static MapCodec<TIn, TOut> Codec<TIn, TOut>(
        MethodReference method, JsonTypeInfo<TIn> input, JsonTypeInfo<TOut> output) =>
        new(Handler, input, output)
        {
            SingleContentType = null,
            ChunkContentType = ContentType,
            Before = (byte[])[.. Head, .. method.ToJson(), .. Middle],
            After = Tail,
        };

    /// <exception cref="TaskRejectedException">It is not such a payload.</exception>
    public static (ReadOnlyMemory<byte> Call, ReadOnlyMemory<byte> Inputs) Read(TaskPayload payload)
    {
        if (payload.ContentType != ContentType)
            throw new TaskRejectedException($"A process pool takes {ContentType}, not {payload.ContentType}.");
        try
        {
            var reader = new Utf8JsonReader(payload.Data.Span);
            reader.Read();
            return (ReadValue(ref reader, "call"u8, payload.Data), ReadValue(ref reader, "inputs"u8, payload.Data));
        }
        catch (JsonException error)
        {
            throw new TaskRejectedException($"The payload cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The one result of one input.</summary>
    /// <exception cref="UnreadableResultException">It is not such a result, or not of this type.</exception>
    public static TOut ReadOne<TOut>(TaskPayload result, JsonTypeInfo<TOut> type)
    {
        var output = default(TOut)!;
        if (!ChunkPayload.IsChunk(result.ContentType))
            throw ResultJson.Unreadable(
                $"A process pool answers with {ChunkPayload.ContentType}, not {result.ContentType}.");
        var count = ChunkResult.Read(
            result.Data.Span,
            ChunkPayload.IsPlain(result.ContentType),
            1,
            new ChunkValue<TOut>(type),
            (_, value) => output = value,
            (_, error) => throw ResultJson.Unreadable(error.Failure.Message),
            (_, error) => throw error);
        return count == 1 ? output : throw ResultJson.Unreadable("A process pool answers with one result.");
    }

    private static ReadOnlyMemory<byte> ReadValue(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> json)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals(name)
            || !reader.Read())
            throw new JsonException("It has 'call' and 'inputs', in this order.");
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
