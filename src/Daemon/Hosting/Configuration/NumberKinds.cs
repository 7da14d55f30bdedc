using System.Globalization;
using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

internal sealed class WholeKind(long min, long max) : ConfigKind<long>
{
    public override string Allowed { get; } =
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");

    public override bool TryRead(JsonElement element, bool isText, out long value)
    {
        value = 0;
        var read = isText
            ? long.TryParse(element.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
            : element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out value);
        return read && value >= min && value <= max;
    }

    public override void Write(Utf8JsonWriter writer, long value) => writer.WriteNumberValue(value);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "integer");
        writer.WriteNumber("minimum", min);
        writer.WriteNumber("maximum", max);
    }
}

/// <summary>A number of processes, or <c>auto</c> for one per core.</summary>
internal sealed class CountKind(int max) : ConfigKind<int>
{
    private const string Auto = "auto";
    private readonly WholeKind _whole = new(0, max);

    public override string Allowed => $"{_whole.Allowed}, or \"{Auto}\" for one per core";

    public override bool TryRead(JsonElement element, bool isText, out int value)
    {
        value = Math.Min(Environment.ProcessorCount, max);
        if (TryText(element, out var text) && text == Auto)
        {
            return true;
        }

        var read = _whole.TryRead(element, isText, out var whole);
        value = (int)whole;
        return read;
    }

    public override void Write(Utf8JsonWriter writer, int value) => writer.WriteNumberValue(value);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("anyOf");
        writer.WriteStartObject();
        _whole.WriteSchema(writer);
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("const", Auto);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}

internal sealed class RealKind(double min, double max) : ConfigKind<double>
{
    public override string Allowed { get; } = string.Create(
        CultureInfo.InvariantCulture, $"a number from {min} to {max}");

    public override bool TryRead(JsonElement element, bool isText, out double value)
    {
        value = 0;
        var read = isText
            ? double.TryParse(element.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            : element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out value);
        return read && value >= min && value <= max;
    }

    public override void Write(Utf8JsonWriter writer, double value) => writer.WriteNumberValue(value);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "number");
        writer.WriteNumber("minimum", min);
        writer.WriteNumber("maximum", max);
    }
}

internal sealed class SwitchKind : ConfigKind<bool>
{
    public static readonly SwitchKind Instance = new();

    public override string Allowed => "true or false";

    public override bool TryRead(JsonElement element, bool isText, out bool value)
    {
        value = element.ValueKind == JsonValueKind.True;
        return isText
            ? bool.TryParse(element.GetString(), out value)
            : element.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    public override void WriteSchema(Utf8JsonWriter writer) => writer.WriteString("type", "boolean");
}
