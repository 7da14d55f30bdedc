using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Queued.Benchmarks;

/// <summary>
/// The end of a process as the kernel tells it, to everybody who watches at the same moment: what the kernel takes to
/// end a process is not the daemon's.
/// </summary>
internal sealed partial class ProcessEnd : IDisposable
{
    private const nint PidfdOpen = 434;
    private const short PollIn = 1;

    private readonly int _descriptor;

    public ProcessEnd(int processId)
    {
        _descriptor = (int)syscall(PidfdOpen, processId, 0);
        if (_descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Process {processId} cannot be watched.");
        }

        // A thread of its own that is in the kernel already when the signal is sent.
        Seen = Task.Factory.StartNew(
            Wait, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Timestamp of the end.</summary>
    public Task<long> Seen { get; }

    public void Dispose() => _ = close(_descriptor);

    private long Wait()
    {
        var watched = new Pollfd { Descriptor = _descriptor, Events = PollIn };
        while (poll(ref watched, 1, -1) < 1)
        {
        }

        return Stopwatch.GetTimestamp();
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref Pollfd descriptors, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [StructLayout(LayoutKind.Sequential)]
    private struct Pollfd
    {
        public int Descriptor;
        public short Events;
        public short Results;
    }
}
