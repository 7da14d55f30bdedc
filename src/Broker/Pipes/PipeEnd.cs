using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

/// <summary>One end of a pipe: first free, then held by a session, then closed.</summary>
internal sealed class PipeEnd(PipeEntry pipe, PipeSide side, PipeFlow? incoming, PipeFlow? outgoing) : IReadySource
{
    private PipeEnd? _next;
    private PipeEnd? _previous;

    public PipeEntry Pipe { get; } = pipe;

    public PipeSide Side { get; } = side;

    public PipeEnd Peer => Pipe.PeerOf(this);

    /// <summary>What comes to it. Null: it only sends.</summary>
    public PipeFlow? Incoming { get; } = incoming;

    /// <summary>What it sends. Null: it only receives.</summary>
    public PipeFlow? Outgoing { get; } = outgoing;

    /// <summary>Its number, once it was taken.</summary>
    public PipeEndId Id { get; private set; }

    public bool IsTaken => Id.Value != 0;

    /// <summary>Who holds it now.</summary>
    public SessionEntry? Session { get; private set; }

    /// <summary>Who holds it or held it, for people.</summary>
    public string Holder { get; private set; } = "";

    [MemberNotNullWhen(true, nameof(Session))]
    public bool IsHeld => Session is not null;

    public bool IsClosed => IsTaken && !IsHeld;

    public bool IsReady => Incoming is { } flow && (flow.Count > 0 || flow.HasEnded);

    public LinkedRing<ReadyWatch, ReadyWatch.OfSource>? Watches { get; set; }

    public void BecomeHeld(PipeEndId id, SessionEntry session)
    {
        Invariant.Require(!IsTaken && id.Value != 0);
        (Id, Session, Holder) = (id, session, session.Name);
    }

    public void BecomeClosed()
    {
        Invariant.Require(IsHeld);
        Session = null;
    }

    /// <summary>Those that one session holds.</summary>
    internal readonly struct OfSession : IRingLinks<PipeEnd>
    {
        public static ref PipeEnd? Next(PipeEnd item) => ref item._next;

        public static ref PipeEnd? Previous(PipeEnd item) => ref item._previous;
    }
}
