using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Queued.Daemon.Storage.Rows;

namespace Queued.Daemon.Storage;

/// <summary>What a mark says: this commit of this database was on the disk.</summary>
/// <param name="Database">The database.</param>
/// <param name="Commit">Number of the commit.</param>
/// <param name="NeedsLog">
/// A checkpoint began then: until a later commit is in the database itself, it is not whole without its log.
/// </param>
internal readonly record struct Mark(Guid Database, ulong Commit, bool NeedsLog = false)
{
    /// <summary>Whether something is missing in the same database.</summary>
    /// <param name="record">The last commit of it and its log.</param>
    /// <param name="hasLog">Whether it had one when it was found.</param>
    public bool Misses(CommitRecord record, bool hasLog) =>
        Commit > record.Number || (NeedsLog && !hasLog && Commit == record.Number);
}

/// <summary>
/// A small file beside the database with the number of a commit that is known to be durable. A database that is behind
/// it has lost what was acknowledged: an old copy was put in its place, its log was deleted, or the disk lied.
/// Two slots are written in turn, each flushed with its write, so a torn one leaves the other.
/// </summary>
internal sealed class HighWaterMark : IDisposable
{
    /// <summary>More than any disk tears at once.</summary>
    private const int SlotStride = 4096;

    private const int SlotLength = 40;
    private const ulong Magic = 0x5741_4D48_4551_5551;
    private const ulong MagicOfLog = Magic + 1;

    private readonly SafeFileHandle _file;
    private int _slot;

    private HighWaterMark(SafeFileHandle file, string path, bool isNew)
    {
        _file = file;
        Path = path;
        IsNew = isNew;
    }

    public string Path { get; }

    /// <summary>There was no file.</summary>
    public bool IsNew { get; }

    /// <summary>The latest mark. Null: there is none that can be read.</summary>
    public Mark? Latest { get; private set; }

    /// <exception cref="StoreFailedException">The file cannot be opened or read.</exception>
    public static HighWaterMark Open(string path)
    {
        try
        {
            var isNew = !File.Exists(path);
            if (isNew)
            {
                DiskFile.CreatePrivate(path);
                DiskFile.FlushDirectory(System.IO.Path.GetDirectoryName(path)!);
            }

            var file = File.OpenHandle(
                path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.WriteThrough);
            var mark = new HighWaterMark(file, path, isNew);
            mark.Read();
            return mark;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreFailedException(path, "open", e);
        }
    }

    /// <summary>The latest mark of a file that may not be there. Null: none that can be read.</summary>
    public static Mark? Peek(string path)
    {
        if (!File.Exists(path)) return null;
        using var mark = Open(path);
        return mark.Latest;
    }

    /// <summary>Replaces whatever the file said. There is no moment without a mark.</summary>
    public static void Reset(string path, Mark mark)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        using (var file = Open(fresh))
        {
            file.Write(mark);
            file.Write(mark);
        }

        File.Move(fresh, path, overwrite: true);
        DiskFile.FlushDirectory(System.IO.Path.GetDirectoryName(path)!);
    }

    /// <exception cref="StoreFailedException">The disk did not take it.</exception>
    public void Write(Mark mark)
    {
        Span<byte> slot = stackalloc byte[SlotLength];
        BinaryPrimitives.WriteUInt64LittleEndian(slot, mark.NeedsLog ? MagicOfLog : Magic);
        mark.Database.TryWriteBytes(slot[8..]);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[24..], mark.Commit);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[32..], Crc32C.Of(slot[..32]));
        try
        {
            RandomAccess.Write(_file, slot, (long)_slot * SlotStride);
        }
        catch (IOException e)
        {
            throw new StoreFailedException(Path, "write", e);
        }

        _slot = 1 - _slot;
        Latest = mark;
    }

    public void Dispose() => _file.Dispose();

    private void Read()
    {
        for (var slot = 0; slot < 2; slot++)
        {
            if (ReadSlot(slot) is not { } mark) continue;
            // Of the same commit the one that tells of a checkpoint was written later.
            if (Latest is { } other && (other.Commit, other.NeedsLog).CompareTo((mark.Commit, mark.NeedsLog)) >= 0)
                continue;
            Latest = mark;
            _slot = 1 - slot;
        }
    }

    private Mark? ReadSlot(int index)
    {
        Span<byte> slot = stackalloc byte[SlotLength];
        var isWhole = RandomAccess.Read(_file, slot, (long)index * SlotStride) == SlotLength
            && BinaryPrimitives.ReadUInt64LittleEndian(slot) is Magic or MagicOfLog
            && BinaryPrimitives.ReadUInt32LittleEndian(slot[32..]) == Crc32C.Of(slot[..32]);
        return isWhole
            ? new Mark(
                new Guid(slot.Slice(8, 16)), BinaryPrimitives.ReadUInt64LittleEndian(slot[24..]),
                NeedsLog: BinaryPrimitives.ReadUInt64LittleEndian(slot) == MagicOfLog)
            : null;
    }
}
