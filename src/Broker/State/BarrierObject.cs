namespace Queued.Broker;

/// <summary>
/// So many go on together. Where one that waits goes without the others, for whatever reason, it is broken for all,
/// until somebody resets it.
/// </summary>
internal sealed class BarrierObject(string name, StateSettings settings, StateScope scope)
    : StateObject(name, settings, scope)
{
    public bool IsBroken { get; private set; }

    public override int Waiting => Line.Count;

    public LinkedRing<Wait, Wait.Links> Line { get; } = new();

    public void Wait(Command.WaitBarrier command, SessionEntry session)
    {
        if (IsBroken)
        {
            Turn.Refuse(command.Request, StateRejections.BarrierBroken(this));
        }
        else if (Line.Count + 1 == Settings.Parties)
        {
            for (var place = 0; Line.First is { } wait; place++)
            {
                Line.Remove(wait);
                Scope.Waits.End(wait, new Response.BarrierPassed(place));
            }

            Turn.Reply(command.Request, new Response.BarrierPassed(Settings.Parties - 1));
        }
        else if (command.Wait == TimeSpan.Zero)
        {
            Break();
            Turn.Refuse(command.Request, StateRejections.BarrierBroken(this));
        }
        else
        {
            Scope.TryWait(new BarrierWait(command.Request, session, this), command.Wait, Line);
        }
    }

    public void Reset(Command.ResetBarrier reset)
    {
        Break();
        IsBroken = reset.Abort;
        Turn.Reply(reset.Request, new Response.Done());
    }

    public override void End(Rejection reason)
    {
        // None of them shall hear that it broke: there is nothing to reset.
        while (Line.First is { } wait)
        {
            Line.Remove(wait);
            Scope.Waits.End(wait, new Response.Rejected(reason));
        }
    }

    public override StateView View() => base.View() with { Count = Line.Count, IsBroken = IsBroken };

    private void Break()
    {
        IsBroken = true;
        while (Line.First is { } wait)
        {
            Line.Remove(wait);
            Scope.Waits.End(wait, new Response.Rejected(StateRejections.BarrierBroken(this)));
        }
    }

    private void Leave(BarrierWait wait)
    {
        Line.Remove(wait);
        if (Turn.Mutant != Mutant.OutliveBarrier) Break();
    }

    private sealed class BarrierWait(RequestId request, SessionEntry session, BarrierObject of)
        : StateWait(request, session, of)
    {
        public override void Leave() => of.Leave(this);

        public override Response Expire() => new Response.Rejected(StateRejections.BarrierBroken(of));
    }
}
