using System.Runtime.InteropServices;

namespace Queued.Daemon.Supervision;

/// <summary>
/// One stream of a command, up to a limit: then its first and its last half, and how much lies between.
/// </summary>
internal sealed class ExecOutput(int bytesMax)
{
    private readonly int _headMax = bytesMax / 2;
    private readonly int _tailMax = bytesMax - (bytesMax / 2);
    private readonly List<byte> _head = [];

    // Grows to its limit, then is a ring.
    private readonly List<byte> _tail = [];
    private int _oldest;

    internal long DroppedBytes { get; private set; }

    internal void Append(ReadOnlySpan<byte> data)
    {
        var first = Math.Min(data.Length, _headMax - _head.Count);
        _head.AddRange(data[..first]);
        data = data[first..];

        if (data.Length > _tailMax)
        {
            DroppedBytes += data.Length - _tailMax;
            data = data[^_tailMax..];
        }

        var grown = Math.Min(data.Length, _tailMax - _tail.Count);
        _tail.AddRange(data[..grown]);
        data = data[grown..];
        DroppedBytes += data.Length;
        var ring = CollectionsMarshal.AsSpan(_tail);
        while (!data.IsEmpty)
        {
            var count = Math.Min(data.Length, ring.Length - _oldest);
            data[..count].CopyTo(ring[_oldest..]);
            data = data[count..];
            _oldest = (_oldest + count) % ring.Length;
        }
    }

    internal byte[] ToArray()
    {
        var tail = CollectionsMarshal.AsSpan(_tail);
        return [.. _head, .. tail[_oldest..], .. tail[.._oldest]];
    }
}
