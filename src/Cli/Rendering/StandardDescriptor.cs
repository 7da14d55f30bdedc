using System.Runtime.InteropServices;

namespace Queued.Cli.Rendering;

/// <summary>
/// Whether the caller gave a standard stream. Where one is closed (<c>&lt;&amp;-</c>) its number goes to the first
/// thing that this program's runtime opens, such as the pipe that it takes signals by: a read from that never ends, and
/// a write to it ends the process.
/// </summary>
internal static partial class StandardDescriptor
{
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;

    public static bool IsGiven(int descriptor)
    {
        if (OperatingSystem.IsWindows())
            return true;
        // What came through the exec of this program is not marked to be closed by one; all that was opened since is.
        int flags = GetFlags(descriptor, GetDescriptorFlags);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int GetFlags(int descriptor, int command);
}
