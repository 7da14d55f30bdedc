using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Queued.Daemon.Hosting;

/// <summary>
/// An exclusive lock that the kernel frees when its holder ends, however it ends. The file has the holder's process id.
/// </summary>
internal sealed partial class FileLock : IDisposable
{
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int CloseOnExec = 0x80000;
    private const uint OwnerOnly = 0x180;
    private const int ExclusiveNow = 2 | 4;
    private const int WouldBlock = 11;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private FileLock(SafeFileHandle handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    // O_NOFOLLOW has two numbers on Linux.
    internal static int NoFollow =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x8000 : 0x20000;

    /// <exception cref="StartupException">Another process has it, or the file cannot be made.</exception>
    public static FileLock Take(string path, string what)
    {
        while (true)
        {
            var descriptor = Open(path, ReadWrite | Create | CloseOnExec | NoFollow, OwnerOnly);
            if (descriptor < 0)
            {
                var error = Marshal.GetLastPInvokeError();
                throw StartupException.Of(
                    error,
                    $"the lock {path} cannot be opened: {new Win32Exception(error).Message}; remove what is there, " +
                    "make room, or choose another place with --socket and --data");
            }

            var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            if (!FileStatus.Of(handle).IsFile)
            {
                handle.Dispose();
                throw new StartupException(
                    ExitCode.InUse,
                    $"{path} is there already and is no file; it is to be the lock of {what}, and not ours to remove");
            }

            if (Flock(descriptor, ExclusiveNow) != 0)
            {
                var error = Marshal.GetLastPInvokeError();
                var message = error == WouldBlock
                    ? $"{what} is in use by another queued ({Holder(handle)}); its lock is {path}"
                    : $"the lock {path} cannot be taken: {new Win32Exception(error).Message}";
                handle.Dispose();
                throw new StartupException(ExitCode.InUse, message);
            }

            // The holder before removes the file while it holds the lock, so this lock's name may be gone.
            if (FileStatus.Of(path) is { } named && named.Inode == FileStatus.Of(handle).Inode)
            {
                WriteProcessId(handle, path);
                return new FileLock(handle, path);
            }

            handle.Dispose();
        }
    }

    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            // While the lock is held; see Take.
            Remove(_path);
            _handle.Dispose();
        }
    }

    /// <summary>Removes a file that may be gone with its directory: the guard removes a private one too.</summary>
    internal static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // So it is gone.
        }
    }

    private static void WriteProcessId(SafeFileHandle handle, string path)
    {
        try
        {
            RandomAccess.SetLength(handle, 0);
            RandomAccess.Write(handle, Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), 0);
        }
        catch (IOException e)
        {
            // An empty one would be nobody's.
            Remove(path);
            handle.Dispose();
            throw StartupException.Of(
                e,
                $"the lock {path} cannot be written: {e.Message}; make room, or choose another place with --socket " +
                "and --data");
        }
    }

    private static string Holder(SafeFileHandle handle)
    {
        Span<byte> text = stackalloc byte[16];
        var length = RandomAccess.Read(handle, text, 0);
        return int.TryParse(
            text[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var holder)
            ? $"process {holder}"
            : "which has not said its process id yet";
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(int descriptor, int operation);
}
