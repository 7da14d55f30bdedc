using System.Text;

namespace Queued.Daemon.Storage.Rows;

/// <summary>Texts that many rows share: a million tasks must not bring a million copies of a name.</summary>
internal sealed class KnownTexts
{
    private const int CountMax = 4096;
    private const int LengthMax = 128;

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    public string Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > LengthMax) return Encoding.UTF8.GetString(bytes);
        Span<char> text = stackalloc char[LengthMax];
        var known = text[..Encoding.UTF8.GetChars(bytes, text)];
        var lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(known, out var found)) return found;
        var made = known.ToString();
        if (_texts.Count < CountMax) _texts.Add(made);
        return made;
    }
}
