using Microsoft.Win32.SafeHandles;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Memory;

/// <summary>
/// The directory with the files of this daemon's segments. Its lock says that its daemon lives; where nobody holds it,
/// the directory is a dead one's, and whoever finds it removes it.
/// </summary>
internal sealed class SegmentDirectory : IDisposable
{
    private const int AttemptsMax = 100;

    private readonly SafeFileHandle _lock;

    private SegmentDirectory(string path, SafeFileHandle held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static SegmentDirectory Make(SegmentOptions options)
    {
        var path = options.Directory;
        options.RemoveAtEnd(path);
        while (true)
        {
            Directory.CreateDirectory(path, options.DirectoryMode);
            if (TryHold(path) is not { } held) continue;
            // After the lock: the umask may have taken something away.
            File.SetUnixFileMode(path, options.DirectoryMode);
            return new SegmentDirectory(path, held);
        }
    }

    /// <summary>Removes what dead daemons of this user have left.</summary>
    /// <returns>How many directories.</returns>
    public static int Sweep(string root)
    {
        var removed = 0;
        foreach (var path in Directory.EnumerateDirectories(root, $"{SegmentOptions.Prefix}*"))
        {
            if (FileStatus.Of(path) is not { IsDirectory: true, IsOurs: true }) continue;
            if (TryHold(path) is not { } held) continue;
            Remove(path);
            held.Dispose();
            removed++;
        }

        return removed;
    }

    public void Dispose()
    {
        // While the lock is held: nobody else removes it in the same moment but the guard.
        Remove(Path);
        _lock.Dispose();
    }

    /// <returns>Null: somebody has it, or it is gone.</returns>
    private static SafeFileHandle? TryHold(string path)
    {
        SafeFileHandle held;
        try
        {
            held = SegmentLibc.OpenDirectory(path);
        }
        catch (IOException)
        {
            return null;
        }

        // Who sweeps may have removed it between the two, and somebody may have made another since.
        if (SegmentLibc.TryLock(held) && FileStatus.Of(path)?.Inode == FileStatus.Of(held).Inode) return held;
        held.Dispose();
        return null;
    }

    private static void Remove(string path)
    {
        for (var attempt = 1; Directory.Exists(path); attempt++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (IOException) when (attempt < AttemptsMax)
            {
                // The guard removes it too; whoever finds something gone looks again.
            }
        }
    }
}
