using System.Collections.Concurrent;
using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// Somebody who hears of tasks. Called in order, on the thread that carries out effects; must not block.
/// </summary>
internal interface ITaskListener
{
    void Finished(ulong tag, TaskOutcome outcome);

    void Changed(TaskView task)
    {
    }
}

/// <summary>
/// Who hears of tasks. A session is here before the core learns its number, so that nothing said is lost.
/// </summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<SessionId, ITaskListener> _sessions = new();
    private long _latest;
    private int _streams;

    /// <summary>Clients with an open stream.</summary>
    public int StreamCount => Volatile.Read(ref _streams);

    public SessionId Open(ITaskListener session)
    {
        var id = new SessionId(Interlocked.Increment(ref _latest));
        _sessions[id] = session;
        return id;
    }

    public void Close(SessionId id) => _sessions.TryRemove(id, out _);

    public ITaskListener? Find(SessionId id) => _sessions.GetValueOrDefault(id);

    /// <summary>False: there are as many as may be.</summary>
    public bool TryOpenStream(int max)
    {
        if (Interlocked.Increment(ref _streams) <= max) return true;
        CloseStream();
        return false;
    }

    public void CloseStream() => Interlocked.Decrement(ref _streams);
}
