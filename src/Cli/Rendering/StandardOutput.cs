using Microsoft.Win32.SafeHandles;

namespace Queued.Cli.Rendering;

/// <summary>
/// Opens a standard stream so that a reader who went away is noticed. The console's own stream ignores a broken pipe,
/// and <c>queuectl logs -f ID | head</c> would follow for ever.
/// </summary>
internal static class StandardOutput
{
    public static Stream Open() => OpenPipe(1) ?? Console.OpenStandardOutput();

    public static Stream OpenError() => OpenPipe(2) ?? Console.OpenStandardError();

    private static FileStream? OpenPipe(int descriptor)
    {
        if (OperatingSystem.IsWindows())
            return null;
        FileStream stream;
        try
        {
            stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Not open for writing: the console's stream says so at the first write.
            return null;
        }

        // On a file it would write at positions of its own, which the other writers of the same file do not see.
        return stream.CanSeek ? null : stream;
    }
}
