namespace Queued.Broker;

/// <summary>
/// What the parts of the core share while a command is carried out: the time, the effects so far, and the one list of
/// deadlines.
/// </summary>
internal sealed class Turn
{
    private readonly IndexedHeap<Deadline, Deadline.ByDue> _timers = new();

    public Now Now { get; private set; }

    /// <summary>The bug that is switched on; always none outside the tests.</summary>
    public Mutant Mutant { get; set; }

    public List<Effect> Effects { get; private set; } = [];

    /// <summary>What is due first. Null: nothing has a deadline.</summary>
    public Deadline? Next => _timers.Count > 0 ? _timers.First : null;

    /// <returns>How long nothing was done.</returns>
    public TimeSpan Begin(Now now, List<Effect> effects)
    {
        var pause = now.Monotonic - Now.Monotonic;
        Now = now;
        Effects = effects;
        return pause;
    }

    public void SetTimer(Timed timed, Instant due)
    {
        var deadline = new Deadline(due, timed);
        if (due == Instant.Never)
        {
            if (timed.HasTimer) _timers.Remove(deadline);
        }
        else if (timed.HasTimer)
        {
            _timers.Moved(deadline);
        }
        else
        {
            _timers.Add(deadline);
        }
    }

    public Instant DueOf(Timed timed) =>
        timed.HasTimer ? _timers.Kept(new Deadline(Instant.Never, timed)).Due : Instant.Never;

    public void Emit(Effect effect) => Effects.Add(effect);

    public void Reply(RequestId request, Response response)
    {
        if (request.Value != 0) Emit(new Effect.Reply(request, response));
    }

    public void Refuse(RequestId request, Rejection rejection) => Reply(request, new Response.Rejected(rejection));
}
