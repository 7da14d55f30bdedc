namespace Queued.Broker;

/// <summary>All operations that wait, and the one way in which each ends.</summary>
internal sealed class Waits(Turn turn, BrokerLimits limits)
{
    private readonly Dictionary<RequestId, Wait> _open = [];

    public int Count => _open.Count;

    /// <summary>Payload bytes that are kept for all of them.</summary>
    public long KeptBytes { get; private set; }

    /// <summary>Whether it has not been replied to because it waits.</summary>
    public bool IsOpen(RequestId request) => _open.ContainsKey(request);

    /// <summary>Null: one more operation of the session may wait.</summary>
    public Rejection? RefuseMore(SessionEntry session) =>
        session.Waits.Count < limits.WaitsPerSessionMax ? null : Rejections.Limit(
            nameof(BrokerLimits.WaitsPerSessionMax), limits.WaitsPerSessionMax, "operations of one session that wait");

    /// <summary>It stands last in the line of what it waits for, unless too many of its session wait.</summary>
    /// <returns>False: it was refused, and stands nowhere.</returns>
    public bool TryBegin(Wait wait, TimeSpan time, LinkedRing<Wait, Wait.Links> line)
    {
        if (RefuseMore(wait.Session) is { } refusal)
        {
            turn.Reply(wait.Request, wait.Refuse(refusal));
            return false;
        }

        line.AddLast(wait);
        Begin(wait, time);
        return true;
    }

    /// <param name="wait">Stands in the list of what it waits for already, or is put there next.</param>
    /// <param name="time">More than nothing: who would not wait is answered at once and never comes here.</param>
    public void Begin(Wait wait, TimeSpan time)
    {
        Invariant.Require(time > TimeSpan.Zero && !wait.IsOpen);
        wait.IsOpen = true;
        wait.Session.Waits.AddLast(wait);
        if (wait.Request.Value != 0) _open.Add(wait.Request, wait);
        turn.SetTimer(wait, turn.Now.Monotonic + time);
    }

    /// <summary>So many payload bytes are kept for it from now on, until it ends.</summary>
    public void Keep(Wait wait, long bytes)
    {
        KeptBytes += bytes - wait.KeptBytes;
        wait.KeptBytes = bytes;
    }

    /// <summary>It has left the list of what it waited for, and hears this.</summary>
    public void End(Wait wait, Response response)
    {
        Invariant.Require(wait.IsOpen);
        wait.IsOpen = false;
        Keep(wait, 0);
        turn.SetTimer(wait, Instant.Never);
        wait.Session.Waits.Remove(wait);
        if (wait.Request.Value != 0) _open.Remove(wait.Request);
        turn.Reply(wait.Request, response);
    }

    /// <summary>Its time is over.</summary>
    public void Due(Wait wait)
    {
        if (wait.GoOn()) return;
        var response = wait.Expire();
        wait.Leave();
        // What it leaves behind may have ended it already.
        if (wait.IsOpen) End(wait, response);
    }

    /// <summary>Ends it without what it waited for.</summary>
    public void Refuse(Wait wait, Rejection rejection)
    {
        var response = wait.Refuse(rejection);
        wait.Leave();
        if (wait.IsOpen) End(wait, response);
    }

    /// <summary>Nobody waits for the reply any more. One that has been replied to is not here.</summary>
    public void Cancel(RequestId request)
    {
        if (_open.TryGetValue(request, out var wait) && !wait.GoOn()) Refuse(wait, Rejections.WaitCancelled());
    }
}
