using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Queued.Worker.Chunks;

namespace Queued.Worker.Tests;

/// <summary>A value in a chunk is what the serializer makes of it, whichever way it goes.</summary>
public sealed class ChunkValueTests
{
    private static readonly JsonSerializerOptions Web = Options(new(JsonSerializerDefaults.Web));

    private static readonly JsonSerializerOptions Special = Options(new()
    {
        NumberHandling = JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString
            | JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new Shouting() },
    });

    [Theory]
    [InlineData("\"text\"")]
    [InlineData("\"t\\u00e4xt \\\\ \\\"\"")]
    [InlineData("null")]
    [InlineData("  \"spaces\" ")]
    [InlineData("12")]
    [InlineData("\"bad \\ud800 half\"")]
    [InlineData("[\"text\"]")]
    [InlineData("\"open")]
    [InlineData("")]
    public void Texts_are_read_alike(string json) => ReadsAlike<string>(json);

    [Theory]
    [InlineData("12")]
    [InlineData("-0")]
    [InlineData("\"12\"")]
    [InlineData("1e2")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    [InlineData("null")]
    [InlineData("true")]
    public void Numbers_are_read_alike(string json)
    {
        ReadsAlike<int>(json);
        ReadsAlike<double>(json);
        ReadsAlike<int?>(json);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("\"2026-06-01T12:00:00Z\"")]
    [InlineData("\"AQID\"")]
    [InlineData("\"Monday\"")]
    [InlineData("3")]
    [InlineData("{\"name\":\"n\",\"value\":\"7\"}")]
    [InlineData("[1,2]")]
    public void Other_values_are_read_alike(string json)
    {
        ReadsAlike<bool>(json);
        ReadsAlike<DateTimeOffset>(json);
        ReadsAlike<DayOfWeek>(json);
        ReadsAlike<Pair>(json);
        ReadsAlike<List<int>>(json);
    }

    [Fact]
    public void Values_are_written_alike()
    {
        WritesAlike("plain");
        WritesAlike<string?>(null);
        WritesAlike("ä < \" \\ \u0001 \ud83d\ude00");
        WritesAlike(12);
        WritesAlike(-1.25e300);
        WritesAlike<double?>(null);
        WritesAlike(true);
        WritesAlike('c');
        WritesAlike(DayOfWeek.Friday);
        WritesAlike(new Pair("n", 7));
        WritesAlike<byte[]?>([1, 2, 3]);
    }

    [Fact]
    public void Numbers_as_text_stay_text()
    {
        Assert.Equal("\"12\"", Written(Special, 12, direct: true));
        Assert.Equal("\"NaN\"", Written(Special, double.NaN, direct: true));
    }

    [Fact]
    public void A_reader_stands_behind_the_value_it_has_read()
    {
        var value = new ChunkValue<int>(Type<int>(Web));
        var reader = new Utf8JsonReader("[1, \"2\", 3]"u8);
        reader.Read();
        var numbers = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) numbers.Add(value.Read(ref reader));

        Assert.Equal([1, 2, 3], numbers);
    }

    private static void ReadsAlike<T>(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        foreach (var options in new[] { Web, Special })
        {
            var expected = Outcome(() => JsonSerializer.Deserialize(bytes, Type<T>(options)));
            Assert.Equal(expected, Outcome(() => new ChunkValue<T>(Type<T>(options)).Read(bytes)));
        }
    }

    private static void WritesAlike<T>(T value)
    {
        foreach (var options in new[] { Web, Special })
            Assert.Equal(Written(options, value, direct: false), Written(options, value, direct: true));
    }

    private static string Written<T>(JsonSerializerOptions options, T value, bool direct)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        if (direct) new ChunkValue<T>(Type<T>(options)).Write(writer, value);
        else JsonSerializer.Serialize(writer, value, Type<T>(options));
        writer.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The value as JSON, or what is wrong.</summary>
    private static string Outcome<T>(Func<T> read)
    {
        try
        {
            return JsonSerializer.Serialize(read());
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }

    private static JsonTypeInfo<T> Type<T>(JsonSerializerOptions options) =>
        (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));

    private static JsonSerializerOptions Options(JsonSerializerOptions options)
    {
        options.TypeInfoResolver = new DefaultJsonTypeInfoResolver();
        options.MakeReadOnly();
        return options;
    }

    private sealed record Pair(string Name, int Value);

    private sealed class Shouting : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString()!.ToUpperInvariant();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToUpperInvariant());
    }
}
