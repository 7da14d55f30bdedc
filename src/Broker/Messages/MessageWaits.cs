namespace Queued.Broker;

/// <summary>Waits for something of one queue.</summary>
internal abstract class MessageWait(RequestId request, SessionEntry session, MessageSide side) : Wait(request, session)
{
    public MessageSide Side { get; } = side;
}

/// <summary>Waits for a message.</summary>
internal sealed class GetWait(Command.GetMessages get, SessionEntry session, MessageSide side)
    : MessageWait(get.Request, session, side)
{
    public Command.GetMessages Get { get; } = get;

    public override void Leave() => Side.Getters.Remove(this);

    public override Response Expire() => new Response.MessagesGiven([]);
}

/// <summary>Waits for room. What it has put stays, however the wait ends.</summary>
internal sealed class PutWait(Command.PutMessages put, SessionEntry session, MessageSide side, TaskId[] ids)
    : MessageWait(put.Request, session, side)
{
    public IReadOnlyList<TaskSubmission> Messages { get; } = put.Messages;

    public TaskId[] Ids { get; } = ids;

    /// <summary>So many of the messages are in the queue.</summary>
    public int Done { get; private set; }

    /// <summary>What the others keep.</summary>
    public long BytesLeft { get; private set; } = MessageRules.BytesOf(put.Messages, 0, put.Messages.Count);

    public void Advance(int done)
    {
        BytesLeft -= MessageRules.BytesOf(Messages, Done, done);
        Done = done;
    }

    public override void Leave()
    {
        Side.Putters.Remove(this);
        // A smaller one behind it may fit.
        Side.Mark();
    }

    public override Response Expire() => Refuse(MessageRules.QueueFull(Side.Queue, Messages[Done]));

    public override Response Refuse(Rejection rejection) => Outcome(rejection);

    public Response Outcome(Rejection? rejection) => MessageRules.Outcome(Ids, Done, rejection);
}

/// <summary>Waits until nothing is left.</summary>
internal sealed class JoinWait(RequestId request, SessionEntry session, MessageSide side)
    : MessageWait(request, session, side)
{
    public override void Leave() => Side.Joiners.Remove(this);

    public override Response Expire() => new Response.QueueJoined(Side.Queue.Open);
}
