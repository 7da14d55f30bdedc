using System.Runtime.InteropServices;

namespace Queued.Worker.Memory;

/// <summary>
/// Arrays for bytes that are about to be copied. A long one is memory that the kernel has yet to give, by default in
/// pages of 4 KiB with a fault each, which takes several times as long as the copy. So it is asked for large pages.
/// </summary>
internal static unsafe partial class FreshBytes
{
    /// <summary>Below this an array has hardly a large page to itself.</summary>
    private const int LengthMin = 4 * 1024 * 1024;

    private const nuint LargePageBytes = 2 * 1024 * 1024;
    private const int UseLargePages = 14;

    public static byte[] Allocate(int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        if (length >= LengthMin && OperatingSystem.IsLinux())
        {
            fixed (byte* start = bytes)
                Advise(start, (nuint)length);
        }

        return bytes;
    }

    /// <summary>
    /// It is advice, and changes no byte; a kernel that does not take it gives what it would have given. What shares
    /// the first and the last of the pages with the array may have a large page, too.
    /// </summary>
    private static void Advise(byte* start, nuint length)
    {
        var first = (nuint)start & ~(LargePageBytes - 1);
        var end = ((nuint)start + length + LargePageBytes - 1) & ~(LargePageBytes - 1);
        _ = Advise((nint)first, end - first, UseLargePages);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
