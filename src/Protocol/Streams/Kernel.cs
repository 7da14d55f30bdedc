using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Queued.Protocol.Streams;

/// <summary>The calls of Linux that sockets of .NET have no name for. See epoll(7), recv(2) and send(2).</summary>
internal static unsafe partial class Kernel
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HangUp = 0x010;
    public const uint OneShot = 1u << 30;

    public const int Add = 1;
    public const int Delete = 2;
    public const int Modify = 3;

    public const int Interrupted = 4;
    public const int TryAgain = 11;

    private const int CloseOnExec = 0x80000;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int EventBytes = 16;

    /// <summary>struct epoll_event is packed on x86-64, and nowhere else.</summary>
    private static readonly int KeyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    public static int CreatePoll() => epoll_create1(CloseOnExec) is var descriptor and >= 0
        ? descriptor
        : throw new IOException($"epoll_create1 failed with error {Marshal.GetLastPInvokeError()}.");

    public static void Control(int poll, int operation, SafeHandle socket, uint events, ulong key)
    {
        var description = stackalloc byte[EventBytes];
        Unsafe.WriteUnaligned(description, events);
        Unsafe.WriteUnaligned(description + KeyOffset, key);
        if (epoll_ctl(poll, operation, socket, description) == 0) return;
        throw new IOException($"epoll_ctl failed with error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Waits for one event, as long as it takes.</summary>
    /// <returns>Null: a signal came instead.</returns>
    public static (ulong Key, uint Events)? Wait(int poll)
    {
        var description = stackalloc byte[EventBytes];
        var count = epoll_wait(poll, description, 1, -1);
        if (count == 1)
            return (Unsafe.ReadUnaligned<ulong>(description + KeyOffset), Unsafe.ReadUnaligned<uint>(description));
        return Marshal.GetLastPInvokeError() == Interrupted
            ? null
            : throw new IOException($"epoll_wait failed with error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>What is there already. 0: the peer has ended; below 0: see <paramref name="error"/>.</summary>
    public static int Receive(SafeHandle socket, Span<byte> buffer, out int error)
    {
        fixed (byte* start = buffer)
        {
            var count = (int)recv(socket, start, (nuint)buffer.Length, DontWait);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    /// <summary>As much as there is room for. Below 0: see <paramref name="error"/>.</summary>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> buffer, out int error)
    {
        fixed (byte* start = buffer)
        {
            var count = (int)send(socket, start, (nuint)buffer.Length, DontWait | NoSignal);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int poll, int operation, SafeHandle descriptor, byte* description);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int poll, byte* events, int eventsMax, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeHandle socket, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeHandle socket, byte* buffer, nuint length, int flags);
}
