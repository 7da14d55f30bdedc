using System.Runtime.InteropServices;

namespace Queued.Daemon.Supervision.Native;

/// <summary>
/// epoll, level triggered. An event carries the key it was added with, never a descriptor that may have a new owner.
/// </summary>
internal sealed unsafe class Epoll : IDisposable
{
    internal const uint Readable = 0x1;
    internal const uint Writable = 0x4;

    private const int CloseOnExec = 0x80000;
    private const int AddOperation = 1;
    private const int DeleteOperation = 2;
    private const int EventsMax = 128;

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int KeyOffset = Stride - sizeof(ulong);

    private readonly byte[] _buffer = GC.AllocateArray<byte>(EventsMax * 16, pinned: true);
    private int _descriptor = Errno.Check(Libc.EpollCreate(CloseOnExec), "epoll_create1");

    internal void Add(int descriptor, uint events, ulong key)
    {
        var entry = stackalloc byte[16];
        var bytes = new Span<byte>(entry, 16);
        MemoryMarshal.Write(bytes, in events);
        MemoryMarshal.Write(bytes[KeyOffset..], in key);
        Errno.Check(Libc.EpollControl(_descriptor, AddOperation, descriptor, entry), "epoll_ctl");
    }

    internal void Remove(int descriptor)
    {
        var entry = stackalloc byte[16];
        Errno.Check(Libc.EpollControl(_descriptor, DeleteOperation, descriptor, entry), "epoll_ctl");
    }

    /// <summary>Puts the keys of what happened into <paramref name="keys"/>.</summary>
    /// <param name="timeout">Null: as long as it takes.</param>
    internal void Wait(TimeSpan? timeout, List<ulong> keys)
    {
        keys.Clear();
        var milliseconds = timeout is { } span
            ? (int)Math.Clamp(Math.Ceiling(span.TotalMilliseconds), 0, int.MaxValue)
            : -1;
        int count;
        fixed (byte* start = _buffer)
            count = Libc.EpollWait(_descriptor, start, EventsMax, milliseconds);
        if (count < 0 && Marshal.GetLastPInvokeError() is var error && error != Errno.Interrupted)
            throw new IOException($"epoll_wait: {Errno.Text(error)}");
        for (var i = 0; i < count; i++)
            keys.Add(MemoryMarshal.Read<ulong>(_buffer.AsSpan((i * Stride) + KeyOffset)));
    }

    public void Dispose() => Descriptor.Close(ref _descriptor);
}
