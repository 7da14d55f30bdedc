using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Queued.Samples.Demo;

/// <summary>kill(2), which .NET has for SIGKILL alone.</summary>
internal static partial class Signal
{
    private const int Kill9 = 9;
    private const int Continue = 18;
    private const int Stop = 19;
    private const int NoSuchProcess = 3;

    public static void Kill(int processId) => Send(processId, Kill9);

    public static void Freeze(int processId) => Send(processId, Stop);

    public static void Thaw(int processId) => Send(processId, Continue);

    private static void Send(int processId, int signal)
    {
        if (kill(processId, signal) != 0 && Marshal.GetLastPInvokeError() is var error and not NoSuchProcess)
        {
            throw new Win32Exception(error, $"Signal {signal} to process {processId} failed.");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);
}
