using Queued.Broker;

namespace Queued.Daemon.Logs;

/// <summary>
/// The output of one attempt: its beginning and its end; what does not fit falls out of the middle and is counted.
/// Positions count every byte ever written, so a reader that was overtaken knows how much it missed.
/// </summary>
internal sealed class AttemptLog(AttemptId id, int headMax, int tailMax)
{
    /// <summary>The most memory that one appended piece of <see cref="ChunkBytesMax"/> bytes may add.</summary>
    public const int PieceHeldMax = ChunkBytesMax + ChunkOverhead;

    public const int ChunkBytesMax = 4096;

    /// <summary>
    /// What a follower has not read may take this much above the quota: a writer that is told to wait has that much in
    /// its pipes, and its process may end meanwhile.
    /// </summary>
    private const int UnreadHeldMax = 256 * 1024;

    private const int ChunkBytesMin = 256;
    private const int ChunkOverhead = 128;
    private static readonly TimeSpan ChunkAge = TimeSpan.FromMilliseconds(100);

    private readonly List<Chunk> _head = [];
    private readonly LinkedList<Chunk> _tail = new();
    private int _headHeld;
    private int _tailHeld;

    public AttemptId Id { get; } = id;

    /// <summary>Its place among those that have ended, the first to make room. Null: it runs.</summary>
    public LinkedListNode<AttemptLog>? Finished { get; set; }

    /// <summary>Bytes ever written to it.</summary>
    public long Written { get; private set; }

    /// <summary>Memory it takes.</summary>
    public int Held => _headHeld + _tailHeld;

    /// <summary>It began to be written then, on the clock of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Began { get; init; }

    /// <summary>Its writer waits for a follower since then. Null: it does not.</summary>
    public long? WaitsSince { get; set; }

    /// <summary>Its writer has waited for long enough, and does not again before the follower has caught up.</summary>
    public bool IsWaitOver { get; set; }

    /// <summary>Whether so many bytes more leave the quota no room for what is at or after the position.</summary>
    public bool IsFullFor(int bytes, long position)
    {
        var unread = _tailHeld;
        if (position >= Written || unread + bytes <= tailMax) return false;
        for (var node = _tail.First; node is not null && node.Value.End <= position; node = node.Next)
        {
            unread -= node.Value.Held;
        }

        return unread > 0 && unread + bytes > tailMax;
    }

    /// <param name="source">Where it came from.</param>
    /// <param name="time">When it was read.</param>
    /// <param name="data">The output.</param>
    /// <param name="needed">What followers need begins there, and is dropped last.</param>
    public void Append(LogSource source, DateTimeOffset time, ReadOnlySpan<byte> data, long needed)
    {
        while (data.Length > 0)
        {
            var inHead = _headHeld < headMax && _tail.Count == 0;
            data = data[AppendChunk(inHead, source, time, data)..];
            while (_tailHeld > tailMax && (_tail.First!.Value.End <= needed || _tailHeld > tailMax + UnreadHeldMax))
            {
                DropOldest();
            }
        }
    }

    /// <summary>Counts output that there is no room for.</summary>
    public void Skip(int bytes) => Written += bytes;

    /// <summary>Gives back memory from the middle. False: there is none to give.</summary>
    public bool DropOldest()
    {
        if (_tail.First is not { } oldest) return false;
        _tail.RemoveFirst();
        _tailHeld -= oldest.Value.Held;
        return true;
    }

    /// <summary>The first piece at or after the position, which moves behind it. Null: nothing is there yet.</summary>
    public LogPiece? Read(ref long position)
    {
        var chunk = Find(position);
        if (chunk is null) return null;

        var start = Math.Max(position, chunk.Position);
        var dropped = start - position;
        var from = (int)(start - chunk.Position);
        var data = chunk.Bytes.AsSpan(from, chunk.Length - from).ToArray();
        position = start + data.Length;
        return new LogPiece(Id.Attempt, chunk.Source, chunk.Time, data, dropped);
    }

    private int AppendChunk(bool inHead, LogSource source, DateTimeOffset time, ReadOnlySpan<byte> data)
    {
        var last = inHead ? (_head.Count > 0 ? _head[^1] : null) : _tail.Last?.Value;
        var continues = last is not null && last.Source == source && last.Room > 0 && last.End == Written &&
            time - last.Time <= ChunkAge;
        if (last is null || !continues)
        {
            last = new Chunk(Written, source, time, Math.Clamp(data.Length, ChunkBytesMin, ChunkBytesMax));
            if (inHead) _head.Add(last);
            else _tail.AddLast(last);
            if (inHead) _headHeld += last.Held;
            else _tailHeld += last.Held;
        }

        var taken = Math.Min(data.Length, last.Room);
        data[..taken].CopyTo(last.Bytes.AsSpan(last.Length));
        last.Length += taken;
        Written += taken;
        return taken;
    }

    private Chunk? Find(long position)
    {
        if (_head.Count > 0 && position < _head[^1].End)
        {
            var (low, high) = (0, _head.Count - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (position < _head[middle].End) high = middle;
                else low = middle + 1;
            }

            return _head[low];
        }

        if (_tail.Last is not { } node || position >= node.Value.End) return null;

        // A reader that follows is near the end, one that is far behind near the beginning.
        while (node.Previous is { } previous && position < previous.Value.End) node = previous;
        return node.Value;
    }

    private sealed class Chunk(long position, LogSource source, DateTimeOffset time, int capacity)
    {
        public long Position { get; } = position;

        public LogSource Source { get; } = source;

        public DateTimeOffset Time { get; } = time;

        public byte[] Bytes { get; } = new byte[capacity];

        public int Length { get; set; }

        public long End => Position + Length;

        public int Room => Bytes.Length - Length;

        public int Held => Bytes.Length + ChunkOverhead;
    }
}
