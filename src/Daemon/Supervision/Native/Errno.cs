using System.Runtime.InteropServices;

namespace Queued.Daemon.Supervision.Native;

/// <summary>The error numbers and flags of Linux that are used here; the same on x86-64 and arm64.</summary>
internal static class Errno
{
    internal const int Interrupted = 4;
    internal const int TryAgain = 11;
    internal const int NoSuchProcess = 3;

    internal static string Text(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    /// <summary>For calls that fail only for want of memory or descriptors, or by a defect of ours.</summary>
    internal static int Check(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call}: {Text(Marshal.GetLastPInvokeError())}");
}

internal static class LinuxSignal
{
    internal const int Hangup = 1;
    internal const int Interrupt = 2;
    internal const int Kill = 9;
    internal const int Terminate = 15;
}
