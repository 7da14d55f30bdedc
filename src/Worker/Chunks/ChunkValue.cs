using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Queued.Worker.Chunks;

/// <summary>
/// Reads and writes the values of a chunk, of which there are many. The serializer goes over a value twice to read it,
/// and is ready for any depth: for a value that is one token, such as a text or a number, that is most of the work.
/// Such a one goes to its converter at once, where that is the serializer's own, and whatever is unusual to the
/// serializer.
/// </summary>
internal sealed class ChunkValue<T>
{
    private const JsonNumberHandling NumbersAsText =
        JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowNamedFloatingPointLiterals;

    private readonly JsonTypeInfo<T> _type;
    private readonly JsonConverter<T>? _reader;
    private readonly JsonConverter<T>? _writer;

    public ChunkValue(JsonTypeInfo<T> type)
    {
        _type = type;
        if (type.Kind != JsonTypeInfoKind.None || type.Converter is not JsonConverter<T> converter
            || converter.GetType().Assembly != typeof(JsonSerializer).Assembly)
        {
            return;
        }

        _reader = converter;
        // What may be null the serializer writes, but for texts, which are the most.
        var isPlain = typeof(T) == typeof(string) || (typeof(T).IsPrimitive
            && ((type.NumberHandling ?? type.Options.NumberHandling) & NumbersAsText) == 0);
        if (isPlain)
            _writer = converter;
    }

    public void Write(Utf8JsonWriter writer, T value)
    {
        if (_writer is null || value is null)
            JsonSerializer.Serialize(writer, value, _type);
        else
            _writer.Write(writer, value, _type.Options);
    }

    /// <summary>The value whose first token the reader is at.</summary>
    public T? Read(ref Utf8JsonReader reader)
    {
        if (_reader is not null && IsSingle(reader.TokenType))
        {
            var before = reader;
            try
            {
                return _reader.Read(ref reader, typeof(T), _type.Options);
            }
            catch (Exception exception) when (
                exception is JsonException or FormatException or InvalidOperationException)
            {
                // The serializer may be told to take it nevertheless, or says what is wrong with it.
                reader = before;
            }
        }

        return JsonSerializer.Deserialize(ref reader, _type);
    }

    /// <summary>A value that is all there is.</summary>
    public T? Read(ReadOnlySpan<byte> json)
    {
        if (_reader is not null)
        {
            var reader = new Utf8JsonReader(json);
            if (BeginsSingle(ref reader) && reader.BytesConsumed == json.Length)
                return Read(ref reader);
        }

        return JsonSerializer.Deserialize(json, _type);
    }

    private static bool BeginsSingle(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.Read() && IsSingle(reader.TokenType);
        }
        catch (JsonException)
        {
            // The serializer says it with the place in the value.
            return false;
        }
    }

    private static bool IsSingle(JsonTokenType token) =>
        token is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False;
}
