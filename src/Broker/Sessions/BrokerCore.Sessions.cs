using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private readonly Dictionary<SessionId, SessionEntry> _sessions = [];
    private readonly Waits _waits;
    private readonly Readiness _readiness;
    private readonly Pipes _pipes;

    private void OpenSession(Command.OpenSession open)
    {
        Invariant.Require(!open.Session.IsNone && !_sessions.ContainsKey(open.Session));
        _sessions.Add(open.Session, new SessionEntry(open.Session, open.Name));
    }

    /// <summary>All that the session holds is released, and all that it waits for is called off.</summary>
    private void EndSession(SessionId id)
    {
        if (!_sessions.Remove(id, out var session)) return;
        // Before its waits: what it has sent, and what waits for room, is received by others.
        _pipes.Release(session);
        while (session.Waits.First is { } wait) _waits.Refuse(wait, Rejections.SessionNotFound(id));
        ReleaseMessages(session);
        _states.Leave(session);
        _segments.Release(session);
        foreach (var task in session.Watched) task.Watchers!.RemoveAll(watcher => watcher.Session == id);
    }

    /// <summary>The session of an operation. One that has ended makes no new claims.</summary>
    private bool TryFindSession(
        SessionId id, [NotNullWhen(true)] out SessionEntry? session, [NotNullWhen(false)] out Rejection? missing)
    {
        missing = _sessions.TryGetValue(id, out session) ? null : Rejections.SessionNotFound(id);
        return session is not null;
    }

    /// <summary>For watches, which one call makes and ends: the session begins with the first.</summary>
    private SessionEntry SessionOf(SessionId id)
    {
        if (_sessions.TryGetValue(id, out var session)) return session;
        session = new SessionEntry(id, "");
        _sessions.Add(id, session);
        return session;
    }
}
