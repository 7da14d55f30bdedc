using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Queued.Daemon.Storage;

/// <summary>What durable files need and .NET does not have: a directory is flushed by itself.</summary>
internal static partial class DiskFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const int DirectoryOnly = 0x10000;
    private const int DirectoryOnlyArm = 0x4000;
    private const int CloseOnExec = 0x80000;

    /// <summary>Makes files that were made, renamed or removed in the directory stay so.</summary>
    public static void FlushDirectory(string path)
    {
        var kind = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm
            ? DirectoryOnlyArm
            : DirectoryOnly;
        var descriptor = Open(path, kind | CloseOnExec);
        if (descriptor < 0) throw Failure(path, "open of the directory");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Flush(descriptor) != 0) throw Failure(path, "flush of the directory");
    }

    public static void FlushFile(string path)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>
    /// Makes durable what is read of a file that may be missing, also after a failed flush: to flush once more would
    /// not, as the kernel takes for written what was not. The bytes stay the same, so a power loss finds none of them
    /// worse than before.
    /// </summary>
    /// <exception cref="StoreFailedException">The disk refused.</exception>
    public static void WriteAgain(string path)
    {
        if (!File.Exists(path)) return;
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            var bytes = new byte[1024 * 1024];
            for (var at = 0L; RandomAccess.Read(file, bytes, at) is > 0 and var count; at += count)
                RandomAccess.Write(file, bytes.AsSpan(0, count), at);
            RandomAccess.FlushToDisk(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreFailedException(path, "write of what it has", e);
        }

        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Puts a finished file in its place: after a power loss there is all of it or nothing.</summary>
    public static void Publish(string partial, string path, bool overwrite = false)
    {
        FlushFile(partial);
        File.Move(partial, path, overwrite);
        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// A second name for a file that is about to be replaced under its first; a flushed copy where the file system has
    /// no such names, or the place is on another one. Nobody may write to the file.
    /// </summary>
    public static void LinkOrCopy(string path, string second)
    {
        if (Link(path, second) == 0) return;
        File.Copy(path, second);
        FlushFile(second);
    }

    public static void CreatePrivate(string path)
    {
        using var created = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        });
    }

    private static StoreFailedException Failure(string path, string operation)
    {
        var error = Marshal.GetLastPInvokeError();
        return new StoreFailedException(path, operation, 0, error, "the system refused it");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string second);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);
}
