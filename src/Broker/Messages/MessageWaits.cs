namespace Queued.Broker;

/// <summary>Waits for a message.</summary>
internal sealed class GetWait(Command.GetMessages get, SessionEntry session, MessageSide side)
    : Wait(get.Request, session)
{
    public Command.GetMessages Get { get; } = get;

    public override void Leave() => side.Getters.Remove(this);

    public override Response Expire() => new Response.MessagesGiven([]);
}

/// <summary>Waits for room. What it has put stays, however the wait ends.</summary>
internal sealed class PutWait(Command.PutMessages put, SessionEntry session, MessageSide side, TaskId[] ids)
    : Wait(put.Request, session)
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
        side.Putters.Remove(this);
        // A smaller one behind it may fit.
        side.Mark();
    }

    public override Response Expire() => Refuse(MessageRules.QueueFull(side.Queue, Messages[Done]));

    public override Response Refuse(Rejection rejection) => Outcome(rejection);

    public Response Outcome(Rejection? rejection) => MessageRules.Outcome(Ids, Done, rejection);
}

/// <summary>Waits until nothing is left.</summary>
internal sealed class JoinWait(RequestId request, SessionEntry session, MessageSide side) : Wait(request, session)
{
    public override void Leave() => side.Joiners.Remove(this);

    public override Response Expire() => new Response.QueueJoined(side.Queue.Open);
}
