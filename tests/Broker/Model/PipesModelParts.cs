namespace Queued.Broker.Tests.Model;

internal sealed class ModelPipe
{
    public ModelPipe(string name, PipeMode mode, long buffer)
    {
        (Name, Mode, Buffer) = (name, mode, buffer);
        Ends = [new ModelEnd(this, 0), new ModelEnd(this, 1)];
    }

    public string Name { get; }

    public PipeMode Mode { get; }

    public long Buffer { get; }

    public ModelEnd[] Ends { get; }

    public Instant GoneAt { get; set; } = Instant.Never;
}

/// <summary>An end, with what comes to it and who waits for that.</summary>
internal sealed class ModelEnd(ModelPipe pipe, int place)
{
    private const int Overhead = 64;

    public ModelPipe Pipe => pipe;

    public ModelEnd Peer => pipe.Ends[1 - place];

    public ulong Id { get; set; }

    /// <summary>0: nobody holds it.</summary>
    public long Session { get; set; }

    public bool HasEndedSending { get; set; }

    public List<TaskPayload> Inbox { get; } = [];

    public List<ModelSend> Senders { get; } = [];

    public List<ModelReceive> Receivers { get; } = [];

    public bool IsClosed => Id != 0 && Session == 0;

    public bool CanSend => pipe.Mode == PipeMode.Duplex || place == 1;

    public bool CanReceive => pipe.Mode == PipeMode.Duplex || place == 0;

    public bool IsReady => Inbox.Count > 0 || Peer.HasEndedSending;

    public long Cost => Inbox.Sum(CostOf) + Senders.Sum(send => send.Messages.Skip(send.Sent).Sum(CostOf));

    public static long CostOf(TaskPayload message) => message.Length + Overhead;

    public bool HasRoomFor(TaskPayload message, BrokerLimits limits) => Inbox.Count == 0 ||
        (Inbox.Count < limits.PipeMessagesMax && Inbox.Sum(one => one.Length) + message.Length <= pipe.Buffer);

    /// <summary>No more bytes than the buffer holds, but one message at least.</summary>
    public string Take(int most)
    {
        var count = Math.Min(most, Inbox.Count);
        while (count > 1 && Inbox.Take(count).Sum(one => one.Length) > pipe.Buffer) count--;
        var text = string.Concat(Inbox.Take(count).Select(message => $" {message.ContentType}"));
        Inbox.RemoveRange(0, count);
        return $"received{text}{(Inbox.Count == 0 && Peer.HasEndedSending ? " END" : "")}";
    }
}

internal sealed record ModelSend(long Request, IReadOnlyList<TaskPayload> Messages, Instant Due)
{
    public int Sent { get; set; }
}

internal sealed record ModelReceive(long Request, int MessagesMax, Instant Due);

internal sealed record ModelWatch(long Request, List<ModelEnd> Ends, Instant Due);
