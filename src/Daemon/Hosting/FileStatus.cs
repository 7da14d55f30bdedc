using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Queued.Daemon.Hosting;

/// <summary>
/// Owner, kind and permissions of a file. .NET tells of the last alone. What it cannot look at is a
/// <see cref="StartupException"/>.
/// </summary>
internal readonly partial record struct FileStatus(uint OwnerId, uint GroupId, int Mode, ulong Inode, ulong Device)
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStatus = 0x7ff;
    private const int KindMask = 0xF000;
    private const int NotFound = 2;
    private const int NotDirectory = 20;

    /// <summary>The effective user of this process.</summary>
    public static uint CurrentUser { get; } = GetEffectiveUserId();

    public bool IsFile => (Mode & KindMask) == 0x8000;

    public bool IsSocket => (Mode & KindMask) == 0xC000;

    public bool IsDirectory => (Mode & KindMask) == 0x4000;

    public bool IsRegular => (Mode & KindMask) == 0x8000;

    public bool IsSticky => (Mode & 0x200) != 0;

    public UnixFileMode Permissions => (UnixFileMode)(Mode & 0x1FF);

    public bool IsOurs => OwnerId == CurrentUser;

    /// <summary>Of the file itself, not of what a symbolic link points to. Null: it is not there.</summary>
    public static FileStatus? Of(string path) => Read(CurrentDirectory, path, NoFollow);

    /// <summary>Of what the path leads to, through symbolic links. Null: it is not there.</summary>
    public static FileStatus? OfTarget(string path) => Read(CurrentDirectory, path, 0);

    public static FileStatus Of(SafeFileHandle handle) =>
        Read((int)handle.DangerousGetHandle(), "", EmptyPath) ?? throw new IOException("The open file has no status.");

    public static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);

    private static FileStatus? Read(int directory, string path, int flags)
    {
        if (Statx(directory, path, flags, BasicStatus, out var status) == 0)
        {
            return new(status.OwnerId, status.GroupId, status.Mode, status.Inode,
                ((ulong)status.DeviceMajor << 32) | status.DeviceMinor);
        }

        var error = Marshal.GetLastPInvokeError();
        return error is NotFound or NotDirectory
            ? null
            : throw StartupException.Of(
                error,
                $"{path} cannot be looked at: {new Win32Exception(error).Message}; mend it, or choose another place");
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out StatxBuffer buffer);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    // struct statx of linux/stat.h; unlike struct stat it is the same on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(20)]
        public uint OwnerId;

        [FieldOffset(24)]
        public uint GroupId;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
