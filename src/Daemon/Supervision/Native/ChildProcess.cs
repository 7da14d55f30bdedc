using System.Runtime.InteropServices;
using System.Text;

namespace Queued.Daemon.Supervision.Native;

/// <summary>How the kernel says that a child ended. Code and signal both null: somebody else has reaped it.</summary>
internal readonly record struct ChildEnd(int? ExitCode, int? Signal, long PeakResidentBytes, TimeSpan CpuTime);

/// <summary>Signals and waiting, for processes that were started here and are not yet reaped.</summary>
internal static unsafe class ChildProcess
{
    private const nint PidfdSendSignal = 424;
    private const nint PidfdOpen = 434;
    private const int DoNotWait = 1;

    /// <summary>A descriptor that is readable once the process has ended; closed on exec. -1: it is gone.</summary>
    internal static int OpenPidfd(int processId) => (int)Libc.SystemCall(PidfdOpen, processId, 0, 0, 0);

    internal static void SignalPidfd(int pidfd, int signal) =>
        _ = Libc.SystemCall(PidfdSendSignal, pidfd, signal, 0, 0);

    /// <summary>
    /// While the leader is not reaped its number cannot belong to anybody else, so only its own group is hit.
    /// An empty or already ended group is no error: signals race with exits by nature.
    /// </summary>
    internal static void SignalGroup(int leader, int signal) => _ = Libc.Kill(-leader, signal);

    /// <summary>Null: it still runs.</summary>
    internal static ChildEnd? TryReap(int processId)
    {
        int status;
        ResourceUsage usage;
        var reaped = Libc.Wait(processId, &status, DoNotWait, &usage);
        if (reaped == 0)
            return null;
        if (reaped < 0)
            return new ChildEnd(null, null, 0, TimeSpan.Zero);

        var cpu = TimeSpan.FromSeconds(usage.UserSeconds + usage.SystemSeconds) +
            TimeSpan.FromMicroseconds(usage.UserMicroseconds + usage.SystemMicroseconds);
        var signal = status & 0x7f;
        return signal == 0
            ? new ChildEnd((status >> 8) & 0xff, null, usage.ResidentKibibytesMax * 1024, cpu)
            : new ChildEnd(null, signal, usage.ResidentKibibytesMax * 1024, cpu);
    }

    /// <summary>Waits for the end of a child that ends by itself at once.</summary>
    internal static int? ReapAtEnd(int processId)
    {
        int status;
        int reaped;
        do
        {
            reaped = Libc.Wait(processId, &status, 0, null);
        }
        while (reaped < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);
        return reaped > 0 && (status & 0x7f) == 0 ? (status >> 8) & 0xff : null;
    }

    /// <summary>
    /// This process's own peak. A child starts with it as its own: it ran in our memory until its exec.
    /// </summary>
    internal static long OwnPeakResidentBytes()
    {
        ResourceUsage usage;
        return Libc.GetUsage(0, &usage) == 0 ? usage.ResidentKibibytesMax * 1024 : 0;
    }

    /// <summary>Name of the program that runs as the process, also when it has ended and is not reaped.</summary>
    internal static string ProgramName(int processId)
    {
        var descriptor = Descriptor.TryOpen($"/proc/{processId}/comm");
        if (descriptor < 0)
            return "";
        Span<byte> buffer = stackalloc byte[64];
        var count = Descriptor.Read(descriptor, buffer) ?? 0;
        Descriptor.Close(ref descriptor);
        return Encoding.UTF8.GetString(buffer[..count]).TrimEnd('\n');
    }
}
