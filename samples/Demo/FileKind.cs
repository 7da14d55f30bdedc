using System.Runtime.InteropServices;

namespace Queued.Samples.Demo;

/// <summary>What .NET does not tell of a file. Opening it would show it too late: a pipe waits for a writer.</summary>
internal static partial class FileKind
{
    private const int CurrentDirectory = -100;
    private const uint TypeOnly = 1;
    private const int StatusBytes = 256;
    private const int ModeOffset = 28;
    private const int KindMask = 0xF000;
    private const int Regular = 0x8000;

    public static bool IsRegular(string path)
    {
        var status = new byte[StatusBytes];
        return Statx(CurrentDirectory, path, 0, TypeOnly, status) == 0
            && (BitConverter.ToUInt16(status, ModeOffset) & KindMask) == Regular;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte[] status);
}
