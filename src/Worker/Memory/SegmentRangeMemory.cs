using System.Buffers;
using System.Runtime.InteropServices;
using Queued.Protocol.V1;

namespace Queued.Worker.Memory;

/// <summary>
/// A payload in a segment, as memory, until it is disposed of. What was taken of it by then is not there afterwards: a
/// span of it is refused, since the bytes may be another task's.
/// </summary>
internal sealed unsafe class SegmentRangeMemory : MemoryManager<byte>
{
    private readonly SegmentMapping _mapping;
    private readonly ulong _segment;
    private readonly long _offset;
    private readonly int _length;
    private readonly Func<bool>? _closed;
    private int _isClosed;

    /// <param name="mapping">Held for this; released when this is disposed of.</param>
    /// <param name="range">Lies within it.</param>
    /// <param name="closed">
    /// Is told once, when this is disposed of, and says whether the bytes were there until then.
    /// </param>
    public SegmentRangeMemory(SegmentMapping mapping, SegmentRange range, Func<bool>? closed = null)
    {
        (_mapping, _closed) = (mapping, closed);
        _segment = range.SegmentId;
        _offset = checked((long)range.Offset);
        _length = checked((int)range.Length);
        _ = mapping.GetSpan(_offset, _length);
    }

    /// <summary>It was disposed of after others may have written what they have to say in its place.</summary>
    public bool IsOverwritten { get; private set; }

    public override Memory<byte> Memory => CreateMemory(_length);

    /// <summary>
    /// Where the bytes are that a handler gives back, if they are the payload's own or a part of them. A part that is
    /// short is not worth the segment that it would keep.
    /// </summary>
    /// <returns>Null: they are others, or few.</returns>
    public SegmentRange? Find(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetMemoryManager(bytes, out SegmentRangeMemory? manager, out var start, out var length)
        && manager == this && length >= _length / 2
            ? new SegmentRange { SegmentId = _segment, Offset = (ulong)(_offset + start), Length = (ulong)length }
            : null;

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(
            Volatile.Read(ref _isClosed) != 0,
            "A payload in shared memory, which is there until the handler, or the function that reads it, returns,");
        return _mapping.GetSpan(_offset, _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        var span = GetSpan();
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, span.Length);
        return new MemoryHandle(_mapping.Address + _offset + elementIndex);
    }

    public override void Unpin()
    {
        // It does not move.
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        _mapping.DangerousRelease();
        IsOverwritten = _closed?.Invoke() == false;
    }
}
