using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Memory;

/// <summary>What .NET has no call for, or not one that is as strict.</summary>
internal static partial class SegmentLibc
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int CloseOnExec = 0x80000;
    private const int ExclusiveNow = 2 | 4;
    private const int Interrupted = 4;
    private const int WouldBlock = 11;

    private static int DirectoryOnly =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;

    /// <exception cref="IOException">It is there already, or cannot be made.</exception>
    public static SafeFileHandle CreateFile(string path, UnixFileMode mode) =>
        Handle(Open(path, ReadWrite | Create | Exclusive | FileLock.NoFollow | CloseOnExec, (uint)mode));

    /// <exception cref="IOException">It is not there, or is a symbolic link.</exception>
    public static SafeFileHandle OpenFile(string path) =>
        Handle(Open(path, ReadWrite | FileLock.NoFollow | CloseOnExec, 0));

    /// <exception cref="IOException">It is not there, or is no directory.</exception>
    public static SafeFileHandle OpenDirectory(string path) =>
        Handle(Open(path, ReadOnly | DirectoryOnly | FileLock.NoFollow | CloseOnExec, 0));

    /// <summary>Takes the lock that its holder has until it ends, however it ends.</summary>
    /// <returns>False: another process has it.</returns>
    public static bool TryLock(SafeFileHandle handle)
    {
        if (Flock(handle, ExclusiveNow) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error == WouldBlock ? false : throw Failure(error);
    }

    /// <summary>Makes room for these bytes, so that writing them never fails.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static void Allocate(SafeFileHandle handle, long offset, long bytes)
    {
        int error;
        do error = PosixAllocate(handle, offset, bytes);
        while (error == Interrupted);
        if (error != 0) throw Failure(error);
    }

    /// <exception cref="IOException">It has it not, and cannot be given it.</exception>
    public static void SetGroup(string path, uint group)
    {
        if (ChangeOwner(path, uint.MaxValue, group) != 0) throw Failure(Marshal.GetLastPInvokeError());
    }

    private static SafeFileHandle Handle(int descriptor) => descriptor >= 0
        ? new SafeFileHandle(descriptor, ownsHandle: true)
        : throw Failure(Marshal.GetLastPInvokeError());

    private static IOException Failure(int error) => new(new Win32Exception(error).Message, error);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(SafeFileHandle handle, int operation);

    // Returns the error instead of leaving it in errno.
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int PosixAllocate(SafeFileHandle handle, long offset, long bytes);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
