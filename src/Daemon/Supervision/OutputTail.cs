using System.Text;

namespace Queued.Daemon.Supervision;

/// <summary>The last of what a worker wrote, both streams in the order in which they were read.</summary>
internal sealed class OutputTail
{
    internal const int BytesMax = 8192;

    private byte[]? _ring;
    private int _next;
    private bool _full;
    private OutputSource _last;
    private bool _insideLine;

    internal void Append(OutputSource source, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;

        // The start of one stream's line must not read as the end of the other's.
        if (_insideLine && source != _last && data[0] != (byte)'\n')
            Write("\n"u8);
        Write(data);
        _last = source;
        _insideLine = data[^1] != (byte)'\n';
    }

    /// <summary>Whole lines where there is more than one, and valid text whatever was written.</summary>
    public override string ToString()
    {
        if (_ring is null)
            return "";

        byte[] bytes = _full ? [.. _ring.AsSpan(_next), .. _ring.AsSpan(0, _next)] : _ring[.._next];
        var text = bytes.AsSpan();
        if (_full && text[..^1].IndexOf((byte)'\n') is >= 0 and var end)
            text = text[(end + 1)..];
        return Encoding.UTF8.GetString(text);
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        _ring ??= new byte[BytesMax];
        if (data.Length >= BytesMax)
        {
            data[^BytesMax..].CopyTo(_ring);
            _next = 0;
            _full = true;
            return;
        }

        var first = Math.Min(data.Length, BytesMax - _next);
        data[..first].CopyTo(_ring.AsSpan(_next));
        data[first..].CopyTo(_ring);
        _full |= _next + data.Length >= BytesMax;
        _next = (_next + data.Length) % BytesMax;
    }
}
