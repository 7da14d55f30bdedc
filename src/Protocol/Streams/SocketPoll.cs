using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Queued.Protocol.Streams;

/// <summary>Hears that its socket is ready.</summary>
internal interface IPolled
{
    /// <summary>On a thread of the poll. Must not throw, and must not block unless it has lent the thread.</summary>
    void Ready(uint events);
}

/// <summary>
/// Threads that wait for sockets together and go on with what has arrived themselves: a message needs one thread to
/// wake up, where a socket of .NET wakes the thread that waits for all sockets, and that one of the pool. Each socket
/// is watched for one event at a time (EPOLLONESHOT), so that one thread has it. The threads start as they are needed,
/// live as long as the process, and are few: one of them waits, and as many work as there are cores.
/// </summary>
internal sealed class SocketPoll
{
    /// <summary>Of this thread, if it is one of a poll.</summary>
    [ThreadStatic]
    private static Place? _place;

    private readonly int _descriptor = Kernel.CreatePoll();
    private readonly ConcurrentDictionary<ulong, IPolled> _sockets = new();
    private readonly Lock _gate = new();
    private readonly int _threadsMax;
    private ulong _latestKey;
    private int _threads;
    private int _waiting;
    private int _lent;

    private SocketPoll(int threadsMax) => _threadsMax = threadsMax;

    /// <summary>The one of this process.</summary>
    public static SocketPoll Shared { get; } = new(Math.Clamp(Environment.ProcessorCount, 2, 16));

    /// <summary>
    /// To be called before code that may wait runs on this thread: others take care of the sockets meanwhile, and there
    /// is always one more. Does nothing on a thread that is not one of a poll.
    /// </summary>
    public static void Lend()
    {
        if (_place is { IsLent: false } place) place.Poll.Lend(place);
    }

    /// <summary>Takes a socket, which is not watched yet.</summary>
    /// <returns>What it is called.</returns>
    public ulong Add(SafeHandle socket, IPolled polled)
    {
        var key = Interlocked.Increment(ref _latestKey);
        _sockets[key] = polled;
        try
        {
            Kernel.Control(_descriptor, Kernel.Add, socket, Kernel.OneShot, key);
        }
        catch
        {
            _sockets.TryRemove(key, out _);
            throw;
        }

        lock (_gate)
        {
            if (_threads == 0) Start();
        }

        return key;
    }

    /// <summary>Watches for the next event among these.</summary>
    public void Watch(SafeHandle socket, ulong key, uint events) =>
        Kernel.Control(_descriptor, Kernel.Modify, socket, events | Kernel.OneShot, key);

    public void Remove(SafeHandle socket, ulong key)
    {
        if (_sockets.TryRemove(key, out _)) Kernel.Control(_descriptor, Kernel.Delete, socket, 0, key);
    }

    private void Start()
    {
        _threads++;
        _waiting++;
        new Thread(Run) { IsBackground = true, Name = "queued sockets" }.UnsafeStart();
    }

    private void Run()
    {
        var place = new Place(this);
        _place = place;
        while (true)
        {
            if (Kernel.Wait(_descriptor) is not var (key, events)) continue;
            Leave();
            if (_sockets.TryGetValue(key, out var polled)) polled.Ready(events);
            if (!Return(place)) return;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_waiting == 0 && _threads - _lent < _threadsMax) Start();
        }
    }

    private void Lend(Place place)
    {
        lock (_gate)
        {
            place.IsLent = true;
            _lent++;
            if (_waiting == 0) Start();
        }
    }

    /// <returns>False: there are enough threads without it.</returns>
    private bool Return(Place place)
    {
        lock (_gate)
        {
            if (place.IsLent) _lent--;
            place.IsLent = false;
            // Not as soon as there are more than are needed, or threads would end and start with each message.
            if (_waiting >= 2 * _threadsMax)
            {
                _threads--;
                return false;
            }

            _waiting++;
            return true;
        }
    }

    private sealed class Place(SocketPoll poll)
    {
        public SocketPoll Poll => poll;

        public bool IsLent { get; set; }
    }
}
