namespace Queued.Broker;

public abstract partial record Response
{
    /// <param name="IsCreated">It was made now.</param>
    public sealed record QueueUsed(QueueView Queue, bool IsCreated) : Response;

    /// <summary>
    /// Numbers of the messages that were put, the first ones of those that were asked for; default where a key had been
    /// used before.
    /// </summary>
    /// <param name="Refusal">Why the others were not. Null: all were.</param>
    public sealed record MessagesPut(ReadOnlyMemory<TaskId> Ids, Rejection? Refusal) : Response;

    /// <summary>Empty: there was none in time.</summary>
    public sealed record MessagesGiven(IReadOnlyList<MessageView> Messages) : Response
    {
        /// <summary>Payloads have to be read from the store; <see cref="Command.MessagesRead"/> follows.</summary>
        public bool NeedsRead { get; init; }
    }

    /// <summary>Those settlements that changed nothing.</summary>
    public sealed record MessagesSettled(IReadOnlyList<(AttemptId Delivery, Rejection Rejection)> Refused) : Response;

    public sealed record MessagesShown(IReadOnlyList<MessageView> Messages) : Response
    {
        /// <summary>Payloads have to be read from the store.</summary>
        public bool NeedsRead { get; init; }
    }

    /// <param name="Unfinished">Messages that are not done with.</param>
    public sealed record QueueJoined(long Unfinished) : Response;
}
