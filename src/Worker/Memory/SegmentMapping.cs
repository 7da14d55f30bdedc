using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Queued.Worker.Memory;

/// <summary>
/// A segment's file, mapped for reading and writing. What is written is seen by everybody who has it mapped. It stays
/// readable when the file is removed, until it is disposed of.
/// </summary>
internal sealed unsafe partial class SegmentMapping : SafeHandle
{
    private const int ReadAndWrite = 1 | 2;
    private const int Shared = 1;
    private const int Populate = 0x8000;
    private const nint Failed = -1;

    private SegmentMapping(nint address, long length)
        : base(Failed, ownsHandle: true)
    {
        Length = length;
        SetHandle(address);
    }

    public override bool IsInvalid => handle is 0 or Failed;

    public long Length { get; }

    public byte* Address => (byte*)handle;

    /// <param name="path">The file.</param>
    /// <param name="length">How much of it, from its beginning. 0: all of it.</param>
    /// <param name="isRead">
    /// All of it will be read or written soon: its pages are mapped together, and not one at a time.
    /// </param>
    /// <exception cref="IOException">
    /// It is not there, is shorter, or cannot be mapped; the message says which path.
    /// </exception>
    public static SegmentMapping Open(string path, long length, bool isRead = false)
    {
        if (!OperatingSystem.IsLinux())
            throw new IOException($"{path} cannot be mapped: the daemon's memory can be shared on Linux alone.");
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            // Beyond the end of its file a mapping ends the process that looks there.
            var there = RandomAccess.GetLength(file);
            if (length == 0)
                length = there;
            if (there < length || there == 0)
                throw new IOException($"{path} is shorter than the {length} bytes that it is to have.");
            var address = Map(0, checked((nuint)length), ReadAndWrite, isRead ? Shared | Populate : Shared, file, 0);
            return address != Failed
                ? new SegmentMapping(address, length)
                : throw new IOException(
                    $"{path} cannot be mapped: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Part of it. Nothing holds the mapping for the span: who takes it must.</summary>
    public Span<byte> GetSpan(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new IOException($"There are no {length} bytes at {offset} of a segment of {Length}.");
        return new Span<byte>(Address + offset, length);
    }

    protected override bool ReleaseHandle() => Unmap(handle, (nuint)Length) == 0;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(
        nint address, nuint length, int protection, int flags, SafeFileHandle file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
