using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Queued.Cli.Input;

/// <summary>JSON that was parsed, and whether it can be written again.</summary>
internal static class JsonText
{
    /// <summary>
    /// False: it names half a character, as <c>"\ud800"</c> does. That can be parsed, but no serializer writes it.
    /// </summary>
    public static bool IsUnicode(JsonElement element)
    {
        ReadOnlySpan<byte> text = JsonMarshal.GetRawUtf8Value(element);
        if (!Utf8.IsValid(text))
            return false;
        if (text.IndexOf("\\u"u8) < 0)
            return true;
        try
        {
            using var writer = new Utf8JsonWriter(Stream.Null);
            element.WriteTo(writer);
            return true;
        }
        catch (Exception exception) when (
            exception is InvalidOperationException or ArgumentException or JsonException)
        {
            return false;
        }
    }
}
