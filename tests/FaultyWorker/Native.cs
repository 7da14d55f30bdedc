using System.Runtime.InteropServices;

namespace Queued.FaultyWorker;

/// <summary>What only the system's own functions can do to a process.</summary>
internal static partial class Native
{
    private const int KillSignal = 9;

    /// <summary>SIGSEGV outside of managed code, where the runtime makes no exception of it.</summary>
    public static void ReadWhereNothingIs() => _ = StringLength(1);

    public static void KillOneself() => _ = Kill(Environment.ProcessId, KillSignal);

    [LibraryImport("libc", EntryPoint = "strlen")]
    private static partial nint StringLength(nint text);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
