using System.Text;

namespace Queued.Worker.Runtime;

/// <summary>The protocol's limits on text, in bytes of UTF-8.</summary>
internal static class WireText
{
    internal const int MessageBytesMax = 4 * 1024;
    internal const int ErrorTypeCharsMax = 256;
    internal const int DetailBytesMax = 32 * 1024;
    internal const int LogLineBytesMax = 64 * 1024;
    internal const int ProgressMessageBytesMax = 1024;

    /// <summary>The longest beginning of the text that fits, never half a character.</summary>
    internal static string Cut(string text, int bytesMax)
    {
        // UTF-8 has at most three bytes for one UTF-16 unit.
        if (text.Length <= bytesMax / 3 || Encoding.UTF8.GetByteCount(text) <= bytesMax)
            return text;
        var (bytes, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > bytesMax)
                break;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
