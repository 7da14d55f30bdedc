namespace Queued.Broker;

public abstract partial record Command
{
    /// <summary>What is done with queues of messages, beyond what is done with any queue.</summary>
    public abstract record MessageCommand(RequestId Request) : Command;

    /// <summary>
    /// Makes the queue where it is not there. Where it is ephemeral, it lasts as long as this and the other sessions
    /// that use it. Reply: <see cref="Response.QueueUsed"/>.
    /// </summary>
    public sealed record UseQueue(
        RequestId Request, SessionId Session, string Name, QueueSettings Settings, bool IsEphemeral)
        : MessageCommand(Request);

    /// <summary>
    /// The session is done with the queue: its waits there end, what it holds of it goes back, and an ephemeral one
    /// goes with the last session that uses it. Where it did not use it nothing happens. Reply:
    /// <see cref="Response.Done"/>.
    /// </summary>
    public sealed record LeaveQueue(RequestId Request, SessionId Session, string Name) : MessageCommand(Request);

    /// <summary>
    /// Adds messages in their order, as submissions without a handler. Waits where the queue is full. Reply:
    /// <see cref="Response.MessagesPut"/>, or a rejection where none was put.
    /// </summary>
    public sealed record PutMessages(
        RequestId Request, SessionId Session, string Queue, IReadOnlyList<TaskSubmission> Messages, TimeSpan Wait)
        : MessageCommand(Request);

    /// <summary>Waits where there is no message. Reply: <see cref="Response.MessagesGiven"/>.</summary>
    /// <param name="Max">0: 1.</param>
    /// <param name="IsAutoAck">They are done with when they are given.</param>
    /// <param name="Lease">Null: the leases last as long as the session.</param>
    public sealed record GetMessages(
        RequestId Request, SessionId Session, string Queue, int Max, TimeSpan Wait, bool IsAutoAck, TimeSpan? Lease)
        : MessageCommand(Request);

    /// <summary>Reply: <see cref="Response.MessagesSettled"/>.</summary>
    public sealed record SettleMessages(
        RequestId Request, SessionId Session, IReadOnlyList<MessageSettlement> Settlements) : MessageCommand(Request);

    /// <summary>Reply: <see cref="Response.MessagesShown"/>.</summary>
    /// <param name="Max">0: 1.</param>
    public sealed record PeekMessages(
        RequestId Request, string Queue, int Max, IReadOnlyDictionary<string, string>? Labels)
        : MessageCommand(Request);

    /// <summary>
    /// Waits until every message of the queue is done with. Reply: <see cref="Response.QueueJoined"/>.
    /// </summary>
    public sealed record JoinQueue(RequestId Request, SessionId Session, string Queue, TimeSpan Wait)
        : MessageCommand(Request);

    /// <summary>
    /// Payloads of messages that were given were read from the store, or could not be. Those that needed no
    /// acknowledgement are done with; those that are lost are dead letters.
    /// </summary>
    public sealed record MessagesRead(
        IReadOnlyList<AttemptId> Read, IReadOnlyList<(AttemptId Delivery, string Reason)> Lost)
        : MessageCommand(default(RequestId));
}
