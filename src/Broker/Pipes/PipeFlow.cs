namespace Queued.Broker;

/// <summary>
/// One direction of a pipe: what is on its way, those who wait for room, and those who wait for a message. Somebody
/// waits for a message only where nothing is on its way, and for room only where something is.
/// </summary>
internal sealed class PipeFlow(long bufferBytes)
{
    private Queue<TaskPayload> _messages = new();

    public int Count => _messages.Count;

    public long Bytes { get; private set; }

    /// <summary>Nothing more will be sent.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Sends that wait for room, oldest first.</summary>
    public LinkedRing<Wait, Wait.Links> Senders { get; } = new();

    /// <summary>Receives that wait for a message, oldest first.</summary>
    public LinkedRing<Wait, Wait.Links> Receivers { get; } = new();

    /// <summary>A message that is longer than the buffer goes alone.</summary>
    public bool HasRoomFor(TaskPayload message, int messagesMax) =>
        Count == 0 || (Count < messagesMax && Bytes + message.Length <= bufferBytes);

    public void Add(TaskPayload message)
    {
        _messages.Enqueue(message);
        Bytes += message.Length;
    }

    /// <summary>
    /// The first ones, no more bytes than the buffer holds, so that an answer has a size; but one at least.
    /// </summary>
    public TaskPayload[] Take(int messagesMax)
    {
        if (messagesMax == 1 || Count == 1) return [TakeOne()];
        var taken = new List<TaskPayload>(Math.Min(messagesMax, Count));
        var bytes = 0L;
        while (taken.Count < messagesMax && _messages.TryPeek(out var next))
        {
            bytes += next.Length;
            if (taken.Count > 0 && bytes > bufferBytes) break;
            taken.Add(TakeOne());
        }

        return [.. taken];
    }

    /// <summary>These were taken last, and go first again.</summary>
    public void Return(IReadOnlyList<TaskPayload> messages)
    {
        _messages = new Queue<TaskPayload>([.. messages, .. _messages]);
        foreach (var message in messages) Bytes += message.Length;
    }

    public void Clear()
    {
        _messages.Clear();
        Bytes = 0;
    }

    private TaskPayload TakeOne()
    {
        var message = _messages.Dequeue();
        Bytes -= message.Length;
        return message;
    }
}
