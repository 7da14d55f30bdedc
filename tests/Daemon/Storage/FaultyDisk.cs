using System.Runtime.InteropServices;
using SQLitePCL;

namespace Queued.Daemon.Tests.Storage;

/// <summary>
/// A disk in memory under SQLite: it fails when told to, and loses and tears what was not flushed when its power goes.
/// </summary>
internal sealed unsafe partial class FaultyDisk : IDisposable
{
    public const string Name = "faulty";

    private const int Ok = 0;
    private const int IoError = 10;
    private const int ShortRead = IoError | (2 << 8);
    private const int WriteFailed = IoError | (3 << 8);
    private const int SyncFailed = IoError | (4 << 8);
    private const int Full = 13;
    private const int NotFound = 12;
    private const int CannotOpen = 14;
    private const int Sector = 512;
    private const int InputOutputError = 5;
    private const int NoSpace = 28;

    private static readonly Lock Gate = new();
    private static readonly List<FaultyDisk> Disks = [];
    private static readonly Dictionary<int, MemoryFile> Open = [];
    private static int _handles;
    private static int _lastError;

    private readonly string _directory;
    private readonly Dictionary<string, MemoryFile> _files = [];

    static FaultyDisk()
    {
        Batteries_V2.Init();
        Register();
    }

    public FaultyDisk(string directory)
    {
        _directory = directory;
        lock (Gate) Disks.Add(this);
    }

    /// <summary>Flushes that fail from now on.</summary>
    public int SyncsToFail { get; set; }

    /// <summary>While set, no write finds room.</summary>
    public bool IsFull { get; set; }

    /// <summary>Writes and flushes that still work; then the power is gone.</summary>
    public int OperationsLeft { get; set; } = int.MaxValue;

    public int Operations { get; private set; }

    public int Syncs { get; private set; }

    /// <summary>What was not flushed is there, is gone, or is there in part: the power is back.</summary>
    public void LosePower(Random random)
    {
        lock (Gate)
        {
            foreach (var file in _files.Values) file.LosePower(random);
            OperationsLeft = int.MaxValue;
        }
    }

    public void Dispose()
    {
        lock (Gate) Disks.Remove(this);
    }

    private int Spend(bool isSync)
    {
        Operations++;
        if (OperationsLeft <= 0)
        {
            _lastError = InputOutputError;
            return isSync ? SyncFailed : WriteFailed;
        }

        OperationsLeft--;
        if (isSync)
        {
            Syncs++;
            if (SyncsToFail <= 0) return Ok;
            SyncsToFail--;
            _lastError = InputOutputError;
            return SyncFailed;
        }

        if (!IsFull) return Ok;
        _lastError = NoSpace;
        return Full;
    }

    private static FaultyDisk? Of(string path) =>
        Disks.Find(disk => path.StartsWith(disk._directory, StringComparison.Ordinal));

    private static MemoryFile FileOf(nint file) => Open[Marshal.ReadInt32(file, sizeof(nint))];

    private static void Register()
    {
        var methods = (nint*)NativeMemory.AllocZeroed(13, (nuint)sizeof(nint));
        *(int*)methods = 1;
        methods[1] = (nint)(delegate* unmanaged<nint, int>)&Close;
        methods[2] = (nint)(delegate* unmanaged<nint, byte*, int, long, int>)&Read;
        methods[3] = (nint)(delegate* unmanaged<nint, byte*, int, long, int>)&Write;
        methods[4] = (nint)(delegate* unmanaged<nint, long, int>)&Truncate;
        methods[5] = (nint)(delegate* unmanaged<nint, int, int>)&Sync;
        methods[6] = (nint)(delegate* unmanaged<nint, long*, int>)&Size;
        methods[7] = (nint)(delegate* unmanaged<nint, int, int>)&Lock;
        methods[8] = (nint)(delegate* unmanaged<nint, int, int>)&Lock;
        methods[9] = (nint)(delegate* unmanaged<nint, int*, int>)&IsReserved;
        methods[10] = (nint)(delegate* unmanaged<nint, int, nint, int>)&Control;
        methods[11] = (nint)(delegate* unmanaged<nint, int>)&SectorSize;
        methods[12] = (nint)(delegate* unmanaged<nint, int>)&Characteristics;
        _methods = (nint)methods;

        var system = (nint*)FindSystem(0);
        var vfs = (nint*)NativeMemory.AllocZeroed(18, (nuint)sizeof(nint));
        // Sleeping, randomness and the clock are the system's.
        for (var word = 0; word < 18; word++) vfs[word] = system[word];
        ((int*)vfs)[0] = 1;
        ((int*)vfs)[1] = 2 * sizeof(nint);
        vfs[2] = 0;
        vfs[3] = Marshal.StringToCoTaskMemUTF8(Name);
        ((int*)vfs)[2] = 512;
        vfs[5] = (nint)(delegate* unmanaged<nint, byte*, nint, int, int*, int>)&OpenFile;
        vfs[6] = (nint)(delegate* unmanaged<nint, byte*, int, int>)&Delete;
        vfs[7] = (nint)(delegate* unmanaged<nint, byte*, int, int*, int>)&Access;
        vfs[8] = (nint)(delegate* unmanaged<nint, byte*, int, byte*, int>)&FullPath;
        vfs[16] = (nint)(delegate* unmanaged<nint, int, byte*, int>)&LastError;
        if (RegisterSystem((nint)vfs, 0) != Ok) throw new InvalidOperationException("SQLite refused the file system.");
    }

    private static nint _methods;

    [UnmanagedCallersOnly]
    private static int OpenFile(nint vfs, byte* name, nint file, int flags, int* outFlags)
    {
        lock (Gate)
        {
            Marshal.WriteIntPtr(file, 0);
            var path = Marshal.PtrToStringUTF8((nint)name);
            if (path is null || Of(path) is not { } disk) return CannotOpen;
            if (!disk._files.TryGetValue(path, out var found))
                disk._files.Add(path, found = new MemoryFile(disk));
            Open[++_handles] = found;
            Marshal.WriteInt32(file, sizeof(nint), _handles);
            Marshal.WriteIntPtr(file, _methods);
            if (outFlags is not null) *outFlags = flags;
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int Delete(nint vfs, byte* name, int syncDirectory)
    {
        lock (Gate)
        {
            var path = Marshal.PtrToStringUTF8((nint)name)!;
            if (Of(path) is not { } disk) return CannotOpen;
            if (disk.Spend(isSync: false) is var code and not Ok) return code;
            disk._files.Remove(path);
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int Access(nint vfs, byte* name, int flags, int* result)
    {
        lock (Gate)
        {
            var path = Marshal.PtrToStringUTF8((nint)name)!;
            var isThere = Of(path)?._files.TryGetValue(path, out var file) == true && (flags != 0 || file.Length > 0);
            *result = isThere ? 1 : 0;
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int FullPath(nint vfs, byte* name, int length, byte* result)
    {
        var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        if (bytes.Length >= length) return CannotOpen;
        bytes.CopyTo(new Span<byte>(result, length));
        result[bytes.Length] = 0;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int LastError(nint vfs, int length, byte* text) => _lastError;

    [UnmanagedCallersOnly]
    private static int Close(nint file)
    {
        lock (Gate)
        {
            Open.Remove(Marshal.ReadInt32(file, sizeof(nint)));
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int Read(nint file, byte* buffer, int length, long offset)
    {
        lock (Gate) return FileOf(file).Read(new Span<byte>(buffer, length), offset) ? Ok : ShortRead;
    }

    [UnmanagedCallersOnly]
    private static int Write(nint file, byte* buffer, int length, long offset)
    {
        lock (Gate)
        {
            var memory = FileOf(file);
            if (memory.Disk.Spend(isSync: false) is var code and not Ok) return code;
            memory.Write(new ReadOnlySpan<byte>(buffer, length), offset);
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int Truncate(nint file, long length)
    {
        lock (Gate)
        {
            var memory = FileOf(file);
            if (memory.Disk.Spend(isSync: false) is var code and not Ok) return code;
            memory.Truncate(length);
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int Sync(nint file, int flags)
    {
        lock (Gate)
        {
            var memory = FileOf(file);
            if (memory.Disk.Spend(isSync: true) is var code and not Ok) return code;
            memory.Sync();
            return Ok;
        }
    }

    [UnmanagedCallersOnly]
    private static int Size(nint file, long* size)
    {
        lock (Gate) *size = FileOf(file).Length;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int Lock(nint file, int level) => Ok;

    [UnmanagedCallersOnly]
    private static int IsReserved(nint file, int* result)
    {
        *result = 0;
        return Ok;
    }

    [UnmanagedCallersOnly]
    private static int Control(nint file, int operation, nint argument) => NotFound;

    [UnmanagedCallersOnly]
    private static int SectorSize(nint file) => Sector;

    [UnmanagedCallersOnly]
    private static int Characteristics(nint file) => 0;

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    private static partial nint FindSystem(nint name);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register")]
    private static partial int RegisterSystem(nint vfs, int makeDefault);

    /// <summary>What the system sees, what is on the platter, and the writes between the two.</summary>
    private sealed class MemoryFile(FaultyDisk disk)
    {
        private readonly List<(long Offset, byte[]? Bytes)> _unsynced = [];
        private byte[] _seen = [];
        private byte[] _durable = [];

        public FaultyDisk Disk => disk;

        public long Length => _seen.Length;

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

        public void LosePower(Random random)
        {
            foreach (var (offset, bytes) in _unsynced)
            {
                var fate = random.Next(3);
                if (fate == 0) continue;
                var kept = bytes is null || fate == 1
                    ? bytes
                    : bytes[..(random.Next((bytes.Length / Sector) + 1) * Sector)];
                Replay(offset, kept);
            }

            _unsynced.Clear();
            _seen = [.. _durable];
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
}
