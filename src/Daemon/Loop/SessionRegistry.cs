using System.Collections.Concurrent;
using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// Somebody who hears of tasks. Called in order, on the thread that carries out effects; must not block.
/// </summary>
internal interface ITaskListener
{
    void Finished(Effect.TaskFinished finished);

    void Changed(TaskView task)
    {
    }

    /// <summary>Nobody uses this segment of the session's any more.</summary>
    void SegmentFree(SegmentId segment)
    {
    }
}

/// <summary>
/// Who hears of tasks. A session is here before the core learns its number, so that nothing said is lost.
/// </summary>
internal sealed class SessionRegistry
{
    private const int NameBytes = 16;

    private readonly ConcurrentDictionary<SessionId, ITaskListener> _sessions = new();
    private readonly ConcurrentDictionary<string, SessionId> _named = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SessionId, string> _names = new();
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

    public void Close(SessionId id)
    {
        _sessions.TryRemove(id, out _);
        if (_names.TryRemove(id, out var name)) _named.TryRemove(name, out _);
    }

    /// <summary>
    /// Gives the session a name that other calls find it by, and that nobody can guess. Once for a session.
    /// </summary>
    public string NameOf(SessionId id)
    {
        var name = $"{id}-{Entropy.Hex(NameBytes)}";
        _names[id] = name;
        _named[name] = id;
        return name;
    }

    /// <summary>Throws <see cref="RejectedException"/> where there is no session of that name, any more.</summary>
    public SessionId Named(string name) => _named.TryGetValue(name, out var id)
        ? id
        : throw new RejectedException(new Rejection(
            RejectionReason.SessionNotFound,
            "The session has ended, or there never was one of this session_id. Open another, and take again what is " +
            "needed.",
            "session_id"));

    public ITaskListener? Find(SessionId id) => _sessions.GetValueOrDefault(id);

    /// <summary>False: there are as many as may be.</summary>
    public bool TryOpenStream(int max)
    {
        if (Interlocked.Increment(ref _streams) <= max) return true;
        CloseStream();
        return false;
    }

    public void CloseStream() => Interlocked.Decrement(ref _streams);

    /// <summary>What is said where there are as many as may be.</summary>
    public static Rejection Full(BrokerLoopOptions options) => new(
        RejectionReason.LimitReached,
        $"{options.SessionsMax} clients have a stream open, which is the limit sessions_max. Close clients that are " +
        "not needed, or let several share one.",
        Resource: "sessions_max");
}
