using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>A time with its unit: <c>500ms</c>, <c>30s</c>, <c>1h30m</c>.</summary>
internal sealed class DurationKind(TimeSpan min, TimeSpan max) : ConfigKind<TimeSpan>
{
    private static readonly (string Name, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    public override string Allowed { get; } =
        $"a time from {Format(min)} to {Format(max)}, such as \"500ms\", \"30s\", \"5m\" or \"1h30m\"";

    public override bool TryRead(JsonElement element, bool isText, out TimeSpan value)
    {
        value = default;
        return TryText(element, out var text) && TryParse(text, out value) && value >= min && value <= max;
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value) => writer.WriteStringValue(Format(value));

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteString("pattern", "^([0-9]+(\\.[0-9]+)?(d|h|ms|m|s))+$");
    }

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        var rest = text.AsSpan().Trim();
        decimal ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(ConfigText.NumberCharacters);
            if (digits <= 0 ||
                !decimal.TryParse(
                    rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAny(ConfigText.NumberCharacters);
            var unit = letters < 0 ? rest : rest[..letters];
            rest = rest[unit.Length..];
            if (!TryUnit(unit, out var unitTicks) || number > TimeSpan.MaxValue.Ticks / unitTicks)
            {
                return false;
            }

            ticks += number * unitTicks;
        }

        if (text.Length == 0 || ticks > TimeSpan.MaxValue.Ticks)
        {
            return false;
        }

        value = new TimeSpan((long)ticks);
        return true;
    }

    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder();
        var ticks = value.Ticks;
        foreach (var (name, unit) in Units)
        {
            if (ticks / unit is var count and > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{name}");
                ticks -= count * unit;
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    private static bool TryUnit(ReadOnlySpan<char> name, out long ticks)
    {
        foreach (var unit in Units)
        {
            if (name.SequenceEqual(unit.Name))
            {
                ticks = unit.Ticks;
                return true;
            }
        }

        ticks = 0;
        return false;
    }
}

/// <summary>A number of bytes: a whole number, or text with a unit such as <c>512MiB</c>.</summary>
internal sealed class SizeKind(long min, long max) : ConfigKind<long>
{
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("B", 1),
    ];

    public override string Allowed { get; } =
        $"a size from {Format(min)} to {Format(max)}, in bytes or such as \"64KiB\", \"512MiB\" or \"2GiB\"";

    public override bool TryRead(JsonElement element, bool isText, out long value)
    {
        value = 0;
        var read = element.ValueKind == JsonValueKind.Number
            ? element.TryGetInt64(out value)
            : TryText(element, out var text) && TryParse(text, isText, out value);
        return read && value >= min && value <= max;
    }

    public override void Write(Utf8JsonWriter writer, long value)
    {
        if (value == 0)
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(Format(value));
        }
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("anyOf");
        writer.WriteStartObject();
        writer.WriteString("type", "integer");
        writer.WriteNumber("minimum", min);
        writer.WriteNumber("maximum", max);
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("type", "string");
        writer.WriteString("pattern", "^[0-9]+(\\.[0-9]+)?(TiB|GiB|MiB|KiB|TB|GB|MB|kB|B)$");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    public static string Format(long value)
    {
        foreach (var (name, bytes) in Units)
        {
            if (name is [_, 'i', _] && value >= bytes && value % bytes == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{value / bytes}{name}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value}B");
    }

    private static bool TryParse(string text, bool plain, out long value)
    {
        value = 0;
        var digits = text.AsSpan().IndexOfAnyExcept(ConfigText.NumberCharacters);
        if (digits < 0)
        {
            return plain && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        }

        if (!decimal.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var number))
        {
            return false;
        }

        foreach (var (name, bytes) in Units)
        {
            if (text.AsSpan(digits).SequenceEqual(name) && number <= long.MaxValue / bytes)
            {
                value = (long)(number * bytes);
                return true;
            }
        }

        return false;
    }
}
