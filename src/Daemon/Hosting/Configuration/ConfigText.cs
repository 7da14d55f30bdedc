using System.Buffers;
using System.Text.Json;

namespace Queued.Daemon.Hosting.Configuration;

internal static class ConfigText
{
    public static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Text of an environment variable or a flag as a JSON string.</summary>
    public static JsonElement ToElement(string text) => JsonElement.Parse($"\"{JsonEncodedText.Encode(text)}\"");

    /// <summary>Environment variables are upper case by custom; what they name is lower case.</summary>
    public static string WithoutShouting(string text) => text.Any(char.IsLower) ? text : text.ToLowerInvariant();
}
