namespace Queued.Daemon.Tests.Storage;

/// <summary>What the system sees, what is on the platter, and the writes between the two.</summary>
internal sealed class MemoryFile(FaultyDisk disk, string name)
{
    private readonly List<(long Offset, byte[]? Bytes)> _unsynced = [];
    private byte[] _seen = [];
    private byte[] _durable = [];

    public FaultyDisk Disk => disk;

    public string Name => name;

    public long Length => _seen.Length;

    public int IndexOf(ReadOnlySpan<byte> bytes) => _seen.AsSpan().IndexOf(bytes);

    public bool Read(Span<byte> buffer, long offset)
    {
        buffer.Clear();
        if (offset >= _seen.Length) return false;
        var there = _seen.AsSpan((int)offset);
        there[..Math.Min(there.Length, buffer.Length)].CopyTo(buffer);
        return there.Length >= buffer.Length;
    }

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        _unsynced.Add((offset, bytes.ToArray()));
        Apply(ref _seen, offset, bytes);
    }

    public void WriteAgain() => _unsynced.Add((0, [.. _seen]));

    public void Truncate(long length)
    {
        _unsynced.Add((length, null));
        Array.Resize(ref _seen, (int)length);
    }

    public void Sync()
    {
        foreach (var (offset, bytes) in _unsynced) Replay(offset, bytes);
        _unsynced.Clear();
    }

    /// <summary>A flush failed: its pages count as clean, whatever became of them.</summary>
    public void LoseSync(Random random)
    {
        foreach (var (offset, bytes) in _unsynced) ReplaySome(offset, bytes, random);
        _unsynced.Clear();
    }

    public void LosePower(Random random)
    {
        LoseSync(random);
        _seen = [.. _durable];
    }

    /// <summary>All of a write, nothing of it, or some of its sectors.</summary>
    private void ReplaySome(long offset, byte[]? bytes, Random random)
    {
        var fate = random.Next(3);
        if (fate == 0) return;
        if (bytes is null || fate == 1)
        {
            Replay(offset, bytes);
            return;
        }

        for (var at = 0; at < bytes.Length; at += FaultyDisk.Sector)
        {
            var sector = bytes.AsSpan(at, Math.Min(FaultyDisk.Sector, bytes.Length - at));
            if (random.Next(2) == 0) Apply(ref _durable, offset + at, sector);
        }
    }

    private void Replay(long offset, byte[]? bytes)
    {
        if (bytes is null) Array.Resize(ref _durable, (int)offset);
        else Apply(ref _durable, offset, bytes);
    }

    private static void Apply(ref byte[] content, long offset, ReadOnlySpan<byte> bytes)
    {
        if (content.Length < offset + bytes.Length) Array.Resize(ref content, (int)offset + bytes.Length);
        bytes.CopyTo(content.AsSpan((int)offset));
    }
}
