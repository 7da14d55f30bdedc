using System.Buffers;
using System.Text.Json;

namespace Queued.Client.Maps;

/// <summary>Writes inputs: one alone, or an array of them with what the codec puts around it.</summary>
internal static class MapPayload
{
    public static void Begin<TIn, TOut>(
        Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer, MapCodec<TIn, TOut> codec)
    {
        buffer.Write(codec.Before.Span);
        writer.Reset(buffer);
        writer.WriteStartArray();
    }

    public static void End<TIn, TOut>(Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer, MapCodec<TIn, TOut> codec)
    {
        writer.WriteEndArray();
        writer.Flush();
        buffer.Write(codec.After.Span);
    }

    public static void Write<TIn, TOut>(
        Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer, MapCodec<TIn, TOut> codec, TIn input, bool isChunk)
    {
        if (isChunk)
        {
            Begin(writer, buffer, codec);
            JsonSerializer.Serialize(writer, input, codec.Input);
            End(writer, buffer, codec);
            return;
        }

        writer.Reset(buffer);
        JsonSerializer.Serialize(writer, input, codec.Input);
        writer.Flush();
    }
}
