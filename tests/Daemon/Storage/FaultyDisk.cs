using System.Runtime.InteropServices;
using Queued.Daemon.Storage;
using SQLitePCL;

namespace Queued.Daemon.Tests.Storage;

/// <summary>
/// A disk in memory under SQLite: it fails when told to, and loses and tears what was not flushed when its power goes.
/// A flush that fails leaves what it should have flushed as the kernel does: to be read, and never written again.
/// </summary>
internal sealed unsafe partial class FaultyDisk : IDisposable
{
    public const string Name = "faulty";

    private const int Ok = 0;
    private const int IoError = 10;
    private const int ReadFailed = IoError | (1 << 8);
    private const int ShortRead = IoError | (2 << 8);
    private const int WriteFailed = IoError | (3 << 8);
    private const int SyncFailed = IoError | (4 << 8);
    private const int Full = 13;
    private const int NotFound = 12;
    private const int CannotOpen = 14;
    internal const int Sector = 512;
    private const int InputOutputError = 5;
    private const int NoSpace = 28;

    private static readonly Lock Gate = new();
    private static readonly List<FaultyDisk> Disks = [];
    private static readonly Dictionary<int, MemoryFile> Open = [];
    private static int _handles;
    private static int _lastError;

    private readonly string _directory;
    private readonly Dictionary<string, MemoryFile> _files = [];
    private readonly Random _random;
    private bool _isTorn;

    static FaultyDisk()
    {
        Batteries_V2.Init();
        Register();
    }

    public FaultyDisk(string directory, int seed)
    {
        _directory = directory;
        _random = new Random(seed);
        lock (Gate) Disks.Add(this);
    }

    /// <summary>Flushes that fail from now on, after <see cref="SyncsToPass"/> that do not.</summary>
    public int SyncsToFail { get; set; }

    public int SyncsToPass { get; set; }

    /// <summary>Writes that fail from now on, whether or not there is room.</summary>
    public int WritesToFail { get; set; }

    /// <summary>It confirms flushes that it did not do, as if nobody had asked for them.</summary>
    public bool Lies { get; set; }

    /// <summary>While set, each flush takes one of these, and waits for it.</summary>
    public SemaphoreSlim? SyncPermits { get; set; }

    /// <summary>Flushes that were begun, those that wait too.</summary>
    public int SyncsBegun { get; private set; }

    /// <summary>Sectors, by file name and number, that cannot be read.</summary>
    public HashSet<(string File, long Sector)> BadSectors { get; } = [];

    /// <summary>While set, no write finds room.</summary>
    public bool IsFull { get; set; }

    /// <summary>Writes that find room all the same.</summary>
    public int WritesToPass { get; set; }

    /// <summary>Writes and flushes that still work; then the power is gone.</summary>
    public int OperationsLeft { get; set; } = int.MaxValue;

    public int Operations { get; private set; }

    public int Syncs { get; private set; }

    /// <summary>Times that a file was opened.</summary>
    public int Opens { get; private set; }

    /// <summary>What was not flushed is there, is gone, or is there in part: the power is back.</summary>
    public void LosePower()
    {
        lock (Gate)
        {
            foreach (var file in _files.Values) file.LosePower(_random);
            OperationsLeft = int.MaxValue;
        }
    }

    public long LengthOf(string path)
    {
        lock (Gate) return _files.TryGetValue(path, out var file) ? file.Length : 0;
    }

    public void WriteAgain(string path)
    {
        MemoryFile? file;
        lock (Gate)
        {
            if (!_files.TryGetValue(path, out file)) return;
            if (Spend(isSync: false) is var code and not Ok)
                throw new StoreFailedException(path, "write", code, _lastError, "the disk failed");
            file.WriteAgain();
        }

        if (Flush(file) is var failure and not Ok)
            throw new StoreFailedException(path, "flush", failure, _lastError, "the disk failed");
    }

    /// <summary>The number of the sector in which the text is.</summary>
    public long SectorOf(string file, string text)
    {
        lock (Gate)
        {
            var at = _files[Path.Combine(_directory, file)].IndexOf(System.Text.Encoding.UTF8.GetBytes(text));
            return at >= 0 ? at / Sector : throw new InvalidOperationException($"{text} is not in {file}.");
        }
    }

    public void Dispose()
    {
        lock (Gate) Disks.Remove(this);
    }

    private bool IsBad(string file, long offset, int length)
    {
        for (var sector = offset / Sector; sector * Sector < offset + length; sector++)
        {
            if (BadSectors.Contains((file, sector))) return true;
        }

        return false;
    }

    private int Spend(bool isSync)
    {
        Operations++;
        if (OperationsLeft <= 0)
        {
            _isTorn = OperationsLeft == 0;
            OperationsLeft = -1;
            _lastError = InputOutputError;
            return isSync ? SyncFailed : WriteFailed;
        }

        OperationsLeft--;
        if (isSync)
        {
            Syncs++;
            if (SyncsToFail <= 0 || SyncsToPass-- > 0) return Ok;
            SyncsToFail--;
            _lastError = InputOutputError;
            return SyncFailed;
        }

        if (WritesToFail > 0)
        {
            WritesToFail--;
            _isTorn = false;
            _lastError = InputOutputError;
            return WriteFailed;
        }

        if (!IsFull || WritesToPass-- > 0) return Ok;
        _isTorn = true;
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
                disk._files.Add(path, found = new MemoryFile(disk, Path.GetFileName(path)));
            disk.Opens++;
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
        lock (Gate)
        {
            var memory = FileOf(file);
            if (!memory.Disk.IsBad(memory.Name, offset, length))
                return memory.Read(new Span<byte>(buffer, length), offset) ? Ok : ShortRead;
            _lastError = InputOutputError;
            return ReadFailed;
        }
    }

    [UnmanagedCallersOnly]
    private static int Write(nint file, byte* buffer, int length, long offset)
    {
        lock (Gate)
        {
            var memory = FileOf(file);
            var bytes = new ReadOnlySpan<byte>(buffer, length);
            if (memory.Disk.Spend(isSync: false) is var code and not Ok)
            {
                if (memory.Disk._isTorn)
                {
                    // The sectors that still found room, or were written when the power went.
                    var room = Math.Min(length, memory.Disk._random.Next((length / Sector) + 1) * Sector);
                    memory.Write(bytes[..room], offset);
                }

                return code;
            }

            memory.Write(bytes, offset);
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
        MemoryFile memory;
        lock (Gate) memory = FileOf(file);
        return Flush(memory);
    }

    private static int Flush(MemoryFile memory)
    {
        var disk = memory.Disk;
        disk.SyncsBegun++;
        disk.SyncPermits?.Wait();
        lock (Gate)
        {
            var code = disk.Spend(isSync: true);
            if (code == SyncFailed) memory.LoseSync(disk._random);
            else if (!disk.Lies) memory.Sync();
            return code;
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
}
