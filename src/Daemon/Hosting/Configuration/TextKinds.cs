using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

internal sealed class TextKind(
    string allowed, Func<string, bool> isAllowed, string? pattern = null) : ConfigKind<string>
{
    private const string NamePattern = "^[A-Za-z0-9._-]{1,128}$";

    public static readonly TextKind Any = new("a text", _ => true);

    public static readonly TextKind Name = new(
        "a name of 1 to 128 letters, digits, '.', '_' and '-'", IsName, NamePattern);

    public static readonly TextKind AbsolutePath = new("an absolute path", IsAbsolutePath, "^/");

    public override string Allowed => allowed;

    public override bool TryRead(JsonElement element, bool isText, out string value) =>
        TryText(element, out value) && isAllowed(value);

    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        if (pattern is not null)
        {
            writer.WriteString("pattern", pattern);
        }
    }

    public static bool IsName(string text) =>
        text.Length is >= 1 and <= 128 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static bool IsAbsolutePath(string text) => text.StartsWith('/') && !text.Contains('\0');
}

internal sealed class ChoiceKind<T>(params (string Word, T Value)[] choices) : ConfigKind<T>
    where T : notnull
{
    public override string Allowed { get; } = "one of " + string.Join(", ", choices.Select(choice => choice.Word));

    public override bool TryRead(JsonElement element, bool isText, out T value)
    {
        value = choices[0].Value;
        if (!TryText(element, out var text))
        {
            return false;
        }

        var comparison = isText ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        foreach (var choice in choices)
        {
            if (string.Equals(choice.Word, text, comparison))
            {
                value = choice.Value;
                return true;
            }
        }

        return false;
    }

    public override void Write(Utf8JsonWriter writer, T value) =>
        writer.WriteStringValue(choices.First(choice => choice.Value.Equals(value)).Word);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("enum");
        foreach (var (word, _) in choices)
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
    }
}

/// <summary>A list of texts. As text: a JSON array, or the items with the separator between them.</summary>
internal sealed class ListKind(TextKind item, char separator, int countMin, int countMax, string noun)
    : ConfigKind<IReadOnlyList<string>>
{
    public override string Allowed { get; } = $"a list of {countMin} to {countMax} {noun}, each {item.Allowed}";

    public override bool TryRead(JsonElement element, bool isText, out IReadOnlyList<string> value)
    {
        value = [];
        if (isText)
        {
            var text = element.GetString()!.Trim();
            if (!text.StartsWith('['))
            {
                value = text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                return value.Count >= countMin && value.Count <= countMax && value.All(IsItem);
            }

            try
            {
                element = JsonElement.Parse(text);
            }
            catch (JsonException)
            {
                // Reported with what is allowed, as every other bad value.
                return false;
            }
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        var items = new List<string>();
        foreach (var entry in element.EnumerateArray())
        {
            if (!item.TryRead(entry, isText: false, out var text))
            {
                return false;
            }

            items.Add(text);
        }

        value = items;
        return items.Count >= countMin && items.Count <= countMax;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<string> value)
    {
        writer.WriteStartArray();
        foreach (var text in value)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "array");
        writer.WriteNumber("minItems", countMin);
        writer.WriteNumber("maxItems", countMax);
        writer.WriteStartObject("items");
        item.WriteSchema(writer);
        writer.WriteEndObject();
    }

    private bool IsItem(string text) => item.TryRead(ConfigText.ToElement(text), isText: true, out _);
}
