namespace Queued.Broker;

/// <summary>Set or not; who waits goes on when it is set.</summary>
internal sealed class EventObject(string name, StateSettings settings, StateScope scope)
    : StateObject(name, settings, scope), IReadySource
{
    public bool IsSet { get; private set; }

    public override int Waiting => Line.Count + (Watches?.Count ?? 0);

    public LinkedRing<Wait, Wait.Links> Line { get; } = new();

    public LinkedRing<ReadyWatch, ReadyWatch.OfSource>? Watches { get; set; }

    bool IReadySource.IsReady => IsSet;

    public void Set(Command.SetEvent set)
    {
        IsSet = !set.Clear;
        while (IsSet && Line.First is { } wait)
        {
            Line.Remove(wait);
            Scope.Waits.End(wait, new Response.EventWaited(true));
        }

        if (Turn.Mutant != Mutant.ForgetWatchesOfEvent) Scope.Readiness.BecameReady(this);
        Turn.Reply(set.Request, new Response.Done());
    }

    public void Wait(Command.WaitEvent command, SessionEntry session)
    {
        if (IsSet || command.Wait == TimeSpan.Zero)
            Turn.Reply(command.Request, new Response.EventWaited(IsSet));
        else Scope.TryWait(new EventWait(command.Request, session, this), command.Wait, Line);
    }

    public override void End(Rejection reason)
    {
        RefuseAll(Line, reason);
        Scope.Readiness.Gone(this, reason);
    }

    public override StateView View() => base.View() with { Count = IsSet ? 1 : 0 };

    private sealed class EventWait(RequestId request, SessionEntry session, EventObject of)
        : StateWait(request, session, of)
    {
        public override void Leave() => of.Line.Remove(this);

        public override Response Expire() => new Response.EventWaited(false);
    }
}
