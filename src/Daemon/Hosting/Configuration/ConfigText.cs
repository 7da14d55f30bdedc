using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

internal static class ConfigText
{
    public static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Text of an environment variable or a flag as a JSON string.</summary>
    public static JsonElement ToElement(string text) =>
        JsonElement.Parse($"\"{JsonEncodedText.Encode(Unicode(text))}\"");

    /// <summary>False: it is no text, or its escapes make half a character.</summary>
    public static bool TryText(JsonElement element, out string text)
    {
        text = "";
        if (element.ValueKind != JsonValueKind.String) return false;
        try
        {
            text = element.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // There is no way to ask before.
            return false;
        }
    }

    /// <summary>The members of an object. One whose name's escapes make half a character is a mistake.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> Members(
        JsonElement element, string path, string source, List<ConfigMistake> mistakes)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (TryName(property, out var name)) yield return (name, property.Value);
            else mistakes.Add(new(path, "has a member whose name is not Unicode text", source));
        }
    }

    /// <summary>Environment variables are upper case by custom; what they name is lower case.</summary>
    public static string WithoutShouting(string text) => text.Any(char.IsLower) ? text : text.ToLowerInvariant();

    /// <summary>With every half of a character replaced.</summary>
    public static string Unicode(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>What a terminal would obey or hide is written as its number.</summary>
    public static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                printable.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            }
            else
            {
                printable.Append(rune);
            }
        }

        return printable.ToString();
    }

    private static bool TryName(JsonProperty property, out string name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            // There is no way to ask before.
            name = "";
            return false;
        }
    }
}
