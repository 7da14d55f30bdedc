using Queued.Protocol.Streams;

namespace Queued.Daemon.Edge.Streams;

/// <summary>
/// Calls of which the reader may be busy for long: with a command that waits for the store, or for room in the inbox.
/// Meanwhile nobody reads the pings of their peers, who would take the daemon for dead and lose what they hold; so they
/// are told of life unasked. Over HTTP/2 the connection answers, whatever its calls do.
/// </summary>
internal sealed class BusyCalls : IDisposable
{
    /// <summary>Shorter than the time after which the SDKs look whether the daemon is there, which is 20 s.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly HashSet<FrameSocket> _sockets = [];
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private bool _isSet;

    public BusyCalls(TimeProvider time) =>
        _timer = time.CreateTimer(_ => TellOfLife(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Add(FrameSocket socket)
    {
        lock (_gate)
        {
            _sockets.Add(socket);
            Set();
        }
    }

    public void Remove(FrameSocket socket)
    {
        lock (_gate) _sockets.Remove(socket);
    }

    public void Dispose() => _timer.Dispose();

    private void TellOfLife()
    {
        FrameSocket[] sockets;
        lock (_gate)
        {
            _isSet = false;
            sockets = [.. _sockets];
            // A daemon that nobody is connected to sleeps.
            if (sockets.Length > 0) Set();
        }

        foreach (var socket in sockets) socket.TellOfLife();
    }

    private void Set()
    {
        if (_isSet) return;
        _isSet = true;
        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }
}
