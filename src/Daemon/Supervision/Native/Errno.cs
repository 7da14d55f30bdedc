using System.Runtime.InteropServices;

namespace Queued.Daemon.Supervision.Native;

/// <summary>The error numbers and flags of Linux that are used here; the same on x86-64 and arm64.</summary>
internal static class Errno
{
    internal const int Interrupted = 4;
    internal const int TryAgain = 11;
    internal const int NoMemory = 12;
    internal const int SystemFilesMax = 23;
    internal const int ProcessFilesMax = 24;
    internal const int NoSuchProcess = 3;

    /// <summary>Descriptors, memory or processes are used up; each comes back when others end.</summary>
    internal static bool IsWantOfRoom(int error) =>
        error is TryAgain or NoMemory or SystemFilesMax or ProcessFilesMax;

    internal static string Text(int error) => $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";

    /// <summary>For calls that fail only for want of memory or descriptors, or by a defect of ours.</summary>
    internal static int Check(int result, string call) =>
        result >= 0 ? result : throw Failure(call, Marshal.GetLastPInvokeError());

    /// <summary>The number is its <see cref="Exception.HResult"/>.</summary>
    internal static IOException Failure(string call, int error) => new($"{call}: {Text(error)}", error);
}

internal static class LinuxSignal
{
    internal const int Hangup = 1;
    internal const int Interrupt = 2;
    internal const int Kill = 9;
    internal const int Terminate = 15;
}
