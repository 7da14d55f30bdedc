using System.Runtime.InteropServices;

namespace Queued.Daemon.Supervision.Native;

/// <summary>
/// Raw file descriptors, each with one owner that closes it once. SafeHandle would count references on every read.
/// </summary>
internal static unsafe class Descriptor
{
    internal const int None = -1;

    private const int ReadWrite = 2;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int SetFlags = 4;
    private const short Readable = 1;

    /// <summary>
    /// /dev/null, with a number above 2: a daemon that was started with closed standard descriptors gets them filled,
    /// so that no pipe takes the place of one of them.
    /// </summary>
    internal static int OpenNull()
    {
        while (true)
        {
            var descriptor = Errno.Check(Libc.Open("/dev/null", ReadWrite | CloseOnExec), "open /dev/null");
            if (descriptor > 2)
                return descriptor;
        }
    }

    /// <summary>
    /// Both ends are closed on exec. The blocking mode belongs to an end, so the child's stays a usual one.
    /// </summary>
    internal static (int Read, int Write) OpenPipe(bool readNonBlocking, bool writeNonBlocking)
    {
        var ends = stackalloc int[2];
        Errno.Check(Libc.Pipe(ends, CloseOnExec), "pipe2");
        if (readNonBlocking)
            Errno.Check(Libc.Control(ends[0], SetFlags, NonBlocking), "fcntl");
        if (writeNonBlocking)
            Errno.Check(Libc.Control(ends[1], SetFlags, NonBlocking), "fcntl");
        return (ends[0], ends[1]);
    }

    internal static int OpenEvent() => Errno.Check(Libc.EventDescriptor(0, NonBlocking | CloseOnExec), "eventfd");

    internal static void Close(ref int descriptor)
    {
        if (descriptor < 0)
            return;

        // Linux frees the number whatever close() says.
        _ = Libc.Close(descriptor);
        descriptor = None;
    }

    /// <summary>Bytes read; 0 at the end; null where there is nothing now.</summary>
    internal static int? Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = Libc.Read(descriptor, start, buffer.Length);
                if (count >= 0)
                    return (int)count;
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.TryAgain)
                    return null;
                if (error != Errno.Interrupted)
                    return 0;
            }
        }
    }

    /// <summary>Bytes written; null where there is no room now; -1 where nobody reads any more.</summary>
    internal static int? Write(int descriptor, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            while (true)
            {
                var count = Libc.Write(descriptor, start, data.Length);
                if (count >= 0)
                    return (int)count;
                var error = Marshal.GetLastPInvokeError();
                if (error == Errno.TryAgain)
                    return null;
                if (error != Errno.Interrupted)
                    return -1;
            }
        }
    }

    /// <summary>One system call for both, since mostly there is nothing. Those not open are passed over.</summary>
    internal static (bool First, bool Second) HaveData(int first, int second)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new PollEntry { Descriptor = first, Events = Readable };
        entries[1] = new PollEntry { Descriptor = second, Events = Readable };
        return Libc.Poll(entries, 2, 0) > 0
            ? ((entries[0].Happened & Readable) != 0, (entries[1].Happened & Readable) != 0)
            : (false, false);
    }

    /// <summary>Open for reading, or <see cref="None"/>.</summary>
    internal static int TryOpen(string path) => Libc.Open(path, CloseOnExec);
}
