using System.Runtime.InteropServices;
using Queued.Daemon.Storage;
using Xunit.Abstractions;

namespace Queued.Daemon.Tests.Storage;

public sealed partial class SmallDiskTests(ITestOutputHelper output) : IDisposable
{
    private const ulong DiskBytes = 8 * 1024 * 1024;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-disk-");
    private bool _isMounted;

    public void Dispose()
    {
        if (_isMounted) Assert.Equal(0, Unmount(_directory.FullName, 2));
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_disk_that_fills_up_stops_acknowledgements_and_recovers_when_there_is_room()
    {
        if (!TryMount()) return;
        using var log = new LogLines();
        var options = new StoreOptions
        {
            Directory = _directory.FullName,
            FreeBytesMin = (long)DiskBytes / 4,
            FreePercentMin = 0,
            CheckpointBytes = 256 * 1024,
        };
        File.SetUnixFileMode(
            _directory.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var store = SqliteStore.Open(
            options, TimeProvider.System, new Microsoft.Extensions.Logging.Logger<SqliteStore>(log));
        Assert.Empty(store.Load().Tasks);
        var shortage = new TaskCompletionSource();
        store.SpaceChanged += isShort => (isShort ? shortage : new TaskCompletionSource()).TrySetResult();

        // Somebody else fills the disk.
        var ballast = Path.Combine(_directory.FullName, "ballast");
        Fill(ballast);
        var acknowledged = new List<ulong>();
        ulong next = 1;
        Task blocked;
        while (true)
        {
            var append = store.AppendAsync([StoreRig.Added(next, new string('x', 20_000))], true).AsTask();
            await Eventually.IsTrueAsync(() => append.IsCompleted || store.Problems.Any(IsFull), "written, or full");
            if (!append.IsCompleted)
            {
                blocked = append;
                break;
            }

            await append;
            acknowledged.Add(next++);
        }

        await shortage.Task.WaitAsync(Eventually.Deadline);
        File.Delete(ballast);
        await blocked.WaitAsync(Eventually.Deadline);
        acknowledged.Add(next);
        await Eventually.IsTrueAsync(() => store.Problems.Count == 0, "there is room");
        await store.DisposeAsync();

        await using var again = SqliteStore.Open(
            options, TimeProvider.System, new Microsoft.Extensions.Logging.Logger<SqliteStore>(log));
        Assert.Equal(acknowledged, again.Load().Tasks.Select(task => task.Id.Value).ToList());
    }

    private static bool IsFull(string problem) => problem.Contains("full", StringComparison.Ordinal);

    private static void Fill(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            while (true) file.Write(block);
        }
        catch (IOException e)
        {
            Assert.Contains("space", e.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    private bool TryMount()
    {
        _isMounted = Mount("tmpfs", _directory.FullName, "tmpfs", 0, $"size={DiskBytes}") == 0;
        if (!_isMounted)
        {
            output.WriteLine(
                $"left out: a tmpfs cannot be mounted here ({Marshal.GetLastPInvokeErrorMessage()}); GroupTests has " +
                "a full disk of its own");
        }

        return _isMounted;
    }

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unmount(string target, int flags);
}
