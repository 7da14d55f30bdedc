using System.Globalization;
using Queued.Protocol.V1;

namespace Queued.Worker.Memory;

/// <summary>
/// Reads payloads of others in segments. Their mappings are kept for a while, because a segment is written again and
/// again, and mapping one anew costs as much as reading it.
/// </summary>
internal sealed class SegmentReader(string directory) : IDisposable
{
    private const int MappingsMax = 16;
    private const long BytesMax = 256L * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<(ulong Segment, SegmentMapping Mapping)> _latestFirst = new();
    private long _bytes;

    /// <summary>The bytes, until what is returned is disposed of.</summary>
    /// <param name="range">Where they are.</param>
    /// <param name="closed">Is told once, when it is, and says whether they were there until then.</param>
    /// <exception cref="IOException">They are not there, or cannot be mapped.</exception>
    public SegmentRangeMemory Open(SegmentRange range, Func<bool>? closed = null)
    {
        var mapping = Hold(range);
        try
        {
            return new SegmentRangeMemory(mapping, range, closed);
        }
        catch
        {
            mapping.DangerousRelease();
            throw;
        }
    }

    /// <summary>A copy of the bytes.</summary>
    /// <exception cref="IOException">They are not there, or cannot be mapped.</exception>
    public byte[] Copy(SegmentRange range)
    {
        using var memory = (IDisposable)Open(range);
        var bytes = FreshBytes.Allocate((int)range.Length);
        ((SegmentRangeMemory)memory).GetSpan().CopyTo(bytes);
        return bytes;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var (_, mapping) in _latestFirst)
                mapping.Dispose();
            _latestFirst.Clear();
            _bytes = 0;
        }
    }

    private SegmentMapping Hold(SegmentRange range)
    {
        lock (_gate)
        {
            var mapping = Find(range.SegmentId);
            if (mapping is null)
            {
                mapping = SegmentMapping.Open(
                    string.Create(CultureInfo.InvariantCulture, $"{directory}/{range.SegmentId}"), 0, isRead: true);
                _latestFirst.AddFirst((range.SegmentId, mapping));
                _bytes += mapping.Length;
            }

            var isHeld = false;
            mapping.DangerousAddRef(ref isHeld);
            // What is held stays mapped until it is released.
            while (_latestFirst.Count > MappingsMax || _bytes > BytesMax)
            {
                var oldest = _latestFirst.Last!.Value.Mapping;
                _latestFirst.RemoveLast();
                _bytes -= oldest.Length;
                oldest.Dispose();
            }

            return mapping;
        }
    }

    private SegmentMapping? Find(ulong segment)
    {
        for (var node = _latestFirst.First; node is not null; node = node.Next)
        {
            if (node.Value.Segment != segment)
                continue;
            _latestFirst.Remove(node);
            _latestFirst.AddFirst(node);
            return node.Value.Mapping;
        }

        return null;
    }
}
