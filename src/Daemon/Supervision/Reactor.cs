using System.Collections.Concurrent;
using System.Diagnostics;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// One thread that waits for descriptors and deadlines. It runs everything that the kernel says of the workers, so no
/// handler may wait. It sleeps while nothing happens and nothing is scheduled.
/// </summary>
internal sealed class Reactor : IDisposable
{
    private const ulong WakeKey = 0;

    private readonly Epoll _epoll = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly PriorityQueue<Action, long> _scheduled = new();
    private readonly Dictionary<ulong, Action> _handlers = [];
    private readonly Thread _thread;
    private int _wake = Descriptor.OpenEvent();
    private ulong _lastKey = WakeKey;
    private bool _stopped;

    internal Reactor()
    {
        _epoll.Add(_wake, Epoll.Readable, WakeKey);
        _thread = new Thread(Run) { Name = "queued-reactor", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs the action on the reactor's thread. From any thread.</summary>
    internal void Post(Action action)
    {
        _posted.Enqueue(action);
        Wake();
    }

    /// <summary>On the reactor's thread only, as all that follows.</summary>
    internal void Schedule(TimeSpan after, Action action) =>
        _scheduled.Enqueue(action, Stopwatch.GetTimestamp() + Ticks(after));

    /// <summary>The handler runs each time that the descriptor is ready, until <see cref="Unwatch"/>.</summary>
    internal ulong Watch(int descriptor, uint events, Action handler)
    {
        var key = ++_lastKey;
        _handlers.Add(key, handler);
        _epoll.Add(descriptor, events, key);
        return key;
    }

    /// <param name="descriptor">Still open.</param>
    internal void Unwatch(ulong key, int descriptor)
    {
        if (_handlers.Remove(key))
            _epoll.Remove(descriptor);
    }

    public void Dispose()
    {
        Post(() => _stopped = true);
        _thread.Join();
        _epoll.Dispose();
        Descriptor.Close(ref _wake);
    }

    private void Run()
    {
        var ready = new List<ulong>();
        while (!_stopped)
        {
            _epoll.Wait(UntilNext(), ready);
            foreach (var key in ready)
            {
                // An earlier handler of this turn may have ended the watch.
                if (key == WakeKey)
                    Acknowledge();
                else if (_handlers.TryGetValue(key, out var handler))
                    handler();
            }

            while (_posted.TryDequeue(out var action))
                action();
            var now = Stopwatch.GetTimestamp();
            while (_scheduled.TryPeek(out var action, out var due) && due <= now)
            {
                _scheduled.Dequeue();
                action();
            }
        }
    }

    private TimeSpan? UntilNext() =>
        _scheduled.TryPeek(out _, out var due) ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) : null;

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    private void Wake() => _ = Descriptor.Write(_wake, [1, 0, 0, 0, 0, 0, 0, 0]);

    private void Acknowledge()
    {
        Span<byte> count = stackalloc byte[8];
        _ = Descriptor.Read(_wake, count);
    }
}
