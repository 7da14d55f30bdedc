namespace Queued.Broker.Tests.Model;

internal sealed partial class MessageModel
{
    /// <summary>Until nothing more moves: who waits longest first, getters before putters.</summary>
    private void Serve()
    {
        foreach (var queue in Queues.Values)
        {
            bool moved;
            do
            {
                moved = false;
                while (queue.CanGive && queue.Waits.Find(wait => wait.Get is not null) is { } getter)
                {
                    queue.Waits.Remove(getter);
                    Give(queue, getter);
                    moved = true;
                }

                while (queue.Messages.Count == 0 && queue.Waits.Find(wait => wait.IsJoin) is { } joiner)
                {
                    queue.Waits.Remove(joiner);
                    Answer(joiner.Request, "unfinished 0");
                }

                while (queue.Putters.FirstOrDefault() is { } putter)
                {
                    var before = putter.Ids.Count;
                    var isOver = Progress(queue, putter);
                    moved |= putter.Ids.Count > before;
                    if (!isOver) break;
                    queue.Waits.Remove(putter);
                }
            }
            while (moved);

            while (queue.IsDrained && queue.Waits.Find(wait => wait.Get is not null) is { } late)
                Refuse(queue, late, RejectionReason.QueueDraining);
        }
    }

    private void Begin(ModelMessageQueue queue, ModelWait wait, TimeSpan time, RejectionReason otherwise)
    {
        if (time == TimeSpan.Zero) AnswerPut(wait, otherwise);
        else queue.Waits.Add(wait);
    }

    /// <summary>Puts what there is room for. True: it was answered.</summary>
    private bool Progress(ModelMessageQueue queue, ModelWait wait)
    {
        var put = wait.Put!;
        while (wait.Ids.Count < put.Messages.Count)
        {
            var message = put.Messages[wait.Ids.Count];
            if (message.IdempotencyKey is { } used && queue.Keys.TryGetValue(used, out var known))
            {
                if (known.Bytes != message.Payload.Length)
                {
                    AnswerPut(wait, RejectionReason.IdempotencyConflict);
                    return true;
                }

                wait.Ids.Add(default);
                continue;
            }

            if (queue.Settings.BytesMax > 0 && message.Payload.Length > queue.Settings.BytesMax)
            {
                AnswerPut(wait, RejectionReason.PayloadTooLarge);
                return true;
            }

            if (queue.State == QueueState.Draining)
            {
                AnswerPut(wait, RejectionReason.QueueDraining);
                return true;
            }

            if (!queue.HasRoom(message.Payload.Length)) return false;
            var added = new ModelMessage(new TaskId(NextId++), message.Priority, message.Payload.Length);
            queue.Messages.Add(added);
            if (message.Delay is { } delay && delay > TimeSpan.Zero) added.Due = Now + delay;
            else BecomeReady(queue, added, isNew: true);
            if (message.IdempotencyKey is { } fresh)
                queue.Keys.Add(fresh, (added.Bytes, Now + message.IdempotencyTtl!.Value));
            wait.Ids.Add(added.Id);
        }

        AnswerPut(wait, null);
        return true;
    }

    private void AnswerPut(ModelWait wait, RejectionReason? refusal)
    {
        var reason = refusal is { } some ? Word(some) : "";
        Answer(wait.Request, wait.Ids.Count == 0 ? reason : $"put {string.Join(' ', wait.Ids)} {reason}");
    }

    private void Give(ModelMessageQueue queue, ModelWait wait)
    {
        var get = wait.Get!;
        var given = new List<string>();
        while (queue.CanGive && given.Count < Math.Max(1, get.Max))
        {
            var message = queue.InOrder.First();
            message.Delivery++;
            given.Add($"{message.Id}/{message.Delivery}");
            if (get.IsAutoAck && !message.IsStored)
            {
                queue.Messages.Remove(message);
                queue.Succeeded++;
            }
            else
            {
                (message.Holder, message.IsReady, message.HeldSince) = (wait.Session, false, ++_orders);
                message.IsAckedByRead = get.IsAutoAck;
                message.Due = get.Lease is { } lease ? Now + lease : Instant.Never;
            }
        }

        Answer(wait.Request, $"given {string.Join(' ', given)}");
    }

    /// <summary>What needed no acknowledgement and was in the store alone is gone when it was read.</summary>
    public void Read(Command.MessagesRead read)
    {
        foreach (var queue in Queues.Values)
        {
            queue.Succeeded += queue.Messages.RemoveAll(message =>
                message.IsAckedByRead && read.Read.Contains(new AttemptId(message.Id, message.Delivery)));
        }
    }

    private void BecomeReady(ModelMessageQueue queue, ModelMessage message, bool isNew)
    {
        (message.Holder, message.IsReady, message.Due) = (null, true, Instant.Never);
        if (!isNew) return;
        message.Order = queue.Settings.Order == QueueOrder.Lifo ? -++_orders : ++_orders;
    }

    private void Lose(ModelMessageQueue queue, ModelMessage message, TimeSpan delay = default)
    {
        message.Lost++;
        message.Holder = null;
        if (message.Lost >= queue.MaxDeliveries)
        {
            Bury(queue, message);
        }
        else if (delay > TimeSpan.Zero)
        {
            (message.IsReady, message.IsRetrying, message.Due) = (false, true, Now + delay);
        }
        else
        {
            BecomeReady(queue, message, isNew: false);
        }
    }

    private static void Bury(ModelMessageQueue queue, ModelMessage message)
    {
        queue.Messages.Remove(message);
        queue.Dead.Add(message);
        queue.Failed++;
    }

    private bool Settle(SessionId session, MessageSettlement settlement)
    {
        foreach (var queue in Queues.Values)
        {
            var message = queue.Messages.Find(message =>
                new AttemptId(message.Id, message.Delivery) == settlement.Delivery && message.Holder == session);
            if (message is null) continue;
            switch (settlement)
            {
                case MessageSettlement.Acked:
                    queue.Messages.Remove(message);
                    queue.Succeeded++;
                    break;
                case MessageSettlement.Nacked nacked: Lose(queue, message, nacked.Delay); break;
                case MessageSettlement.Buried: Bury(queue, message); break;
                case MessageSettlement.Released: BecomeReady(queue, message, isNew: false); break;
                case MessageSettlement.Extended extended: message.Due = Now + extended.Lease; break;
            }

            return true;
        }

        return false;
    }

    private void Expire(ModelMessageQueue queue, ModelWait wait)
    {
        queue.Waits.Remove(wait);
        if (wait.Put is not null) AnswerPut(wait, RejectionReason.QueueFull);
        else Answer(wait.Request, wait.Get is not null ? "none" : $"unfinished {queue.Messages.Count}");
    }

    private void Refuse(ModelMessageQueue queue, ModelWait wait, RejectionReason reason)
    {
        queue.Waits.Remove(wait);
        if (wait.Put is not null) AnswerPut(wait, reason);
        else Answer(wait.Request, Word(reason));
    }

    private void Remove(ModelMessageQueue queue)
    {
        foreach (var wait in queue.Waits.ToArray()) Refuse(queue, wait, RejectionReason.QueueNotFound);
        RefuseWatches(watch => watch.Names.Contains(queue.Name), Word(RejectionReason.QueueNotFound));
        Queues.Remove(queue.Name);
    }
}

internal sealed class ModelMessageQueue(string name, QueueSettings settings)
{
    public string Name => name;

    public QueueSettings Settings => settings;

    public QueueState State { get; set; } = QueueState.Active;

    public bool IsEphemeral { get; init; }

    public HashSet<SessionId> Users { get; } = [];

    public List<ModelMessage> Messages { get; } = [];

    public List<ModelMessage> Dead { get; } = [];

    /// <summary>In the order of coming.</summary>
    public List<ModelWait> Waits { get; } = [];

    public Dictionary<string, (int Bytes, Instant Until)> Keys { get; } = [];

    public int Succeeded { get; set; }

    public int Cancelled { get; set; }

    public int Failed { get; set; }

    public int MaxDeliveries => settings.Retry?.MaxDeliveries is > 0 and var most ? most : 20;

    public IEnumerable<ModelWait> Putters => Waits.Where(wait => wait.Put is not null);

    public IEnumerable<ModelMessage> InOrder => Messages.Where(message => message.IsReady)
        .OrderByDescending(message => message.Priority).ThenBy(message => message.Order);

    public bool CanGive => State != QueueState.Paused && Messages.Exists(message => message.IsReady);

    public bool IsDrained => State == QueueState.Draining && Messages.Count == 0;

    public bool HasRoom(int bytes)
    {
        var unheld = Messages.Where(message => message.Holder is null).ToArray();
        return (settings.TasksMax == 0 || unheld.Length < settings.TasksMax) &&
            (settings.BytesMax == 0 || unheld.Sum(message => message.Bytes) + bytes <= settings.BytesMax);
    }
}

internal sealed class ModelMessage(TaskId id, int priority, int bytes)
{
    public TaskId Id => id;

    public int Priority => priority;

    public int Bytes => bytes;

    public long Order { get; set; }

    public bool IsReady { get; set; }

    public bool IsRetrying { get; set; }

    /// <summary>Its payload is in the store alone.</summary>
    public bool IsStored { get; set; }

    public bool IsAckedByRead { get; set; }

    public uint Delivery { get; set; }

    public int Lost { get; set; }

    public SessionId? Holder { get; set; }

    public long HeldSince { get; set; }

    /// <summary>When its delay, or its lease, is over.</summary>
    public Instant Due { get; set; } = Instant.Never;
}

internal sealed class ModelWait(RequestId request, SessionId session, Instant until)
{
    public RequestId Request => request;

    public SessionId Session => session;

    public Instant Until => until;

    public Command.PutMessages? Put { get; init; }

    public Command.GetMessages? Get { get; init; }

    public bool IsJoin => Put is null && Get is null;

    /// <summary>Of the messages that were put so far.</summary>
    public List<TaskId> Ids { get; } = [];
}
