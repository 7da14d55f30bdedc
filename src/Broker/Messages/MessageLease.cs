namespace Queued.Broker;

/// <summary>
/// The grant of one delivery of a message to one session. It ends with a settlement, with its time, or with the
/// session.
/// </summary>
internal sealed class MessageLease(TaskEntry message, SessionEntry session) : Hold(message)
{
    private MessageLease? _nextOfSession;
    private MessageLease? _previousOfSession;
    private MessageLease? _nextOfQueue;
    private MessageLease? _previousOfQueue;

    public SessionEntry Session { get; } = session;

    /// <summary>
    /// It is done with as soon as its payload was read from the store: until then the store must keep it.
    /// </summary>
    public bool IsAckedByRead { get; init; }

    internal readonly struct OfSession : IRingLinks<MessageLease>
    {
        public static ref MessageLease? Next(MessageLease item) => ref item._nextOfSession;

        public static ref MessageLease? Previous(MessageLease item) => ref item._previousOfSession;
    }

    internal readonly struct OfQueue : IRingLinks<MessageLease>
    {
        public static ref MessageLease? Next(MessageLease item) => ref item._nextOfQueue;

        public static ref MessageLease? Previous(MessageLease item) => ref item._previousOfQueue;
    }
}
