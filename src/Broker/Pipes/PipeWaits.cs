namespace Queued.Broker;

/// <summary>Waits for room.</summary>
internal sealed class SendWait(
    RequestId request, SessionEntry session, PipeTraffic traffic, PipeEnd end, IReadOnlyList<TaskPayload> messages,
    int sent)
    : Wait(request, session)
{
    public PipeEnd End { get; } = end;

    public IReadOnlyList<TaskPayload> Messages { get; } = messages;

    /// <summary>So many of them are on their way.</summary>
    public int Sent { get; set; } = sent;

    /// <summary>What is on its way stays there, and is answered with.</summary>
    public override void Leave() => traffic.GiveUp(this);

    public override Response Expire() => new Response.PipeSent(Sent);

    public override Response Refuse(Rejection rejection) => Sent > 0 ? Expire() : base.Refuse(rejection);
}

/// <summary>Waits for a message.</summary>
internal sealed class ReceiveWait(RequestId request, SessionEntry session, PipeFlow flow, int messagesMax)
    : Wait(request, session)
{
    public int MessagesMax { get; } = messagesMax;

    public override void Leave() => flow.Receivers.Remove(this);

    public override Response Expire() => new Response.PipeReceived([], IsEnd: false);
}
