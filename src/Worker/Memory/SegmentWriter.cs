using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Worker.Memory;

/// <summary>
/// Segments of one's own, to send payloads in. Who has no task in one any more is said by the daemon; then it is
/// written again, with its memory there and mapped, which is what makes large payloads fast.
/// </summary>
/// <param name="session">The session that owns them.</param>
/// <param name="memory">Makes them.</param>
/// <param name="close">Tells the daemon that one is wanted no more. Called without a lock held here.</param>
internal sealed class SegmentWriter(
    string session, MemoryService.MemoryServiceClient memory, Action<ulong> close) : IDisposable
{
    /// <summary>What is longer goes by segment.</summary>
    public const int InlineBytesMax = 64 * 1024;

    /// <summary>Bytes of segments that are kept although nothing is in them.</summary>
    private const long FreeBytesMax = 64L * 1024 * 1024;

    /// <summary>
    /// Lengths are rounded up, by an eighth at most, so that payloads of about the same length share.
    /// </summary>
    private const int RoundedShare = 8;

    private const int LengthMin = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Owned> _all = [];
    private readonly List<Owned> _free = [];
    private long _freeBytes;
    private bool _isClosed;

    /// <summary>Why the last payload could not be put into a segment. Empty: it could.</summary>
    public string Obstacle { get; private set; } = "";

    /// <summary>Puts the bytes into a segment that nobody uses.</summary>
    /// <returns>Where they are. Null: there is no room, or this process cannot map segments.</returns>
    public async Task<SegmentRange?> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var segment = TakeFree(bytes.Length)
            ?? await MakeAsync(bytes.Length, cancellationToken).ConfigureAwait(false);
        if (segment is null || !Copy(bytes.Span, segment.Mapping))
            return null;
        var range = new SegmentRange { SegmentId = segment.Id, Length = (ulong)bytes.Length };
        lock (_gate)
            segment.Latest = range;
        return range;
    }

    /// <returns>False: the stream has ended meanwhile, and with it the mapping.</returns>
    private static bool Copy(ReadOnlySpan<byte> bytes, SegmentMapping mapping)
    {
        var isHeld = false;
        try
        {
            mapping.DangerousAddRef(ref isHeld);
            bytes.CopyTo(mapping.GetSpan(0, bytes.Length));
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (isHeld)
                mapping.DangerousRelease();
        }
    }

    /// <summary>Nobody uses it any more.</summary>
    public void Free(ulong id)
    {
        List<ulong> dropped = [];
        lock (_gate)
        {
            if (!_all.TryGetValue(id, out var segment) || segment.IsFree)
                return;
            segment.IsFree = true;
            _free.Add(segment);
            _freeBytes += segment.Mapping.Length;
            // The one that has been free for longest is the least likely to be wanted.
            while (_freeBytes > FreeBytesMax && _free.Count > 1)
            {
                dropped.Add(_free[0].Id);
                Drop(_free[0]);
            }
        }

        dropped.ForEach(close);
    }

    /// <summary>
    /// It is not to be used again, whoever uses it now; unless it was free since, and has other bytes by now.
    /// </summary>
    public void Close(SegmentRange range)
    {
        lock (_gate)
        {
            if (!_all.TryGetValue(range.SegmentId, out var segment) || !ReferenceEquals(segment.Latest, range))
                return;
            Drop(segment);
        }

        close(range.SegmentId);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            foreach (var segment in _all.Values)
                segment.Mapping.Dispose();
            _all.Clear();
            _free.Clear();
        }
    }

    private void Drop(Owned segment)
    {
        _all.Remove(segment.Id);
        if (segment.IsFree)
        {
            _free.Remove(segment);
            _freeBytes -= segment.Mapping.Length;
        }

        segment.Mapping.Dispose();
    }

    /// <summary>The shortest that is long enough, and not so long that it would be wasted.</summary>
    private Owned? TakeFree(int length)
    {
        lock (_gate)
        {
            Owned? best = null;
            foreach (var segment in _free)
            {
                var there = segment.Mapping.Length;
                if (there >= length && there / 4 <= Math.Max(length, LengthMin) && !(best?.Mapping.Length <= there))
                    best = segment;
            }

            if (best is null)
                return null;
            (best.IsFree, best.Latest) = (false, null);
            _free.Remove(best);
            _freeBytes -= best.Mapping.Length;
            return best;
        }
    }

    private async Task<Owned?> MakeAsync(int length, CancellationToken cancellationToken)
    {
        var request = new CreateSegmentRequest { SessionId = session, SizeBytes = (ulong)Rounded(length) };
        try
        {
            var made = await memory.CreateSegmentAsync(request, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            return Map(made.Segment);
        }
        catch (Exception exception)
            when (exception is RpcException or ObjectDisposedException && !cancellationToken.IsCancellationRequested)
        {
            // Too many segments, or no room. The payload may go inline.
            Obstacle = exception is RpcException { Status.Detail: var detail } ? detail : exception.Message;
            return null;
        }
    }

    private Owned? Map(Segment made)
    {
        SegmentMapping mapping;
        try
        {
            mapping = SegmentMapping.Open(made.Path, (long)made.SizeBytes, isRead: true);
        }
        catch (IOException exception)
        {
            Obstacle = exception.Message;
            close(made.SegmentId);
            return null;
        }

        lock (_gate)
        {
            if (_isClosed)
            {
                mapping.Dispose();
                return null;
            }

            var segment = new Owned(made.SegmentId, mapping);
            _all.Add(segment.Id, segment);
            Obstacle = "";
            return segment;
        }
    }

    private static long Rounded(int length)
    {
        long step = LengthMin;
        while (step * RoundedShare < length)
            step *= 2;
        return (length + step - 1) / step * step;
    }

    private sealed class Owned(ulong id, SegmentMapping mapping)
    {
        public ulong Id { get; } = id;

        public SegmentMapping Mapping { get; } = mapping;

        public bool IsFree { get; set; }

        /// <summary>What was written to it last. Null: somebody is about to write.</summary>
        public SegmentRange? Latest { get; set; }
    }
}
