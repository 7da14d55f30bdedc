namespace Queued.Broker.Tests.Model;

/// <summary>
/// Queues of messages in the plainest way: lists that are searched from the beginning. It says what each command is
/// answered with, and whom else its turn answers.
/// </summary>
internal sealed partial class MessageModel(ulong firstId)
{
    private readonly Dictionary<RequestId, string> _answers = [];
    private readonly HashSet<SessionId> _sessions = [];
    private long _orders;

    public SortedDictionary<string, ModelMessageQueue> Queues { get; } = new(StringComparer.Ordinal);

    public ulong NextId { get; private set; } = firstId;

    public Instant Now { get; set; }

    /// <summary>All that the turn answers, and forgets it.</summary>
    public Dictionary<RequestId, string> TakeAnswers()
    {
        Serve();
        TellWatches();
        var answers = new Dictionary<RequestId, string>(_answers);
        _answers.Clear();
        return answers;
    }

    public void Open(SessionId session) => _sessions.Add(session);

    public void EndSession(SessionId session)
    {
        _sessions.Remove(session);
        foreach (var queue in Queues.Values)
        {
            foreach (var wait in queue.Waits.Where(wait => wait.Session == session).ToArray())
                Refuse(queue, wait, RejectionReason.SessionNotFound);
        }

        RefuseWatches(watch => watch.Session == session, Word(RejectionReason.SessionNotFound));
        foreach (var queue in Queues.Values.ToArray())
        {
            foreach (var message in HeldBy(session, queue)) Lose(queue, message);
        }

        foreach (var queue in Queues.Values.Where(queue => queue.Users.Remove(session) && queue.Users.Count == 0)
            .ToArray())
        {
            Remove(queue);
        }
    }

    public void Use(Command.UseQueue use)
    {
        var isNew = !Queues.TryGetValue(use.Name, out var queue);
        if (queue is null)
        {
            queue = new ModelMessageQueue(use.Name, use.Settings) { IsEphemeral = use.IsEphemeral };
            Queues.Add(use.Name, queue);
        }

        if (queue.IsEphemeral) queue.Users.Add(use.Session);
        Answer(use.Request, isNew ? "made" : "found");
    }

    public void Leave(Command.LeaveQueue leave)
    {
        if (!TryFind(leave.Request, leave.Name, out var queue)) return;
        foreach (var wait in queue.Waits.Where(wait => wait.Session == leave.Session).ToArray())
            Refuse(queue, wait, RejectionReason.WaitCancelled);
        RefuseWatches(
            watch => watch.Session == leave.Session && watch.Names.Contains(queue.Name),
            Word(RejectionReason.WaitCancelled));
        foreach (var message in HeldBy(leave.Session, queue)) Lose(queue, message);
        if (queue.Users.Remove(leave.Session) && queue.Users.Count == 0) Remove(queue);
        Answer(leave.Request, "done");
    }

    public void Put(Command.PutMessages put)
    {
        if (!TryFind(put.Request, put.Queue, out var queue)) return;
        var wait = new ModelWait(put.Request, put.Session, Now + put.Wait) { Put = put };
        if (queue.Putters.Any())
        {
            Begin(queue, wait, put.Wait, RejectionReason.QueueFull);
            return;
        }

        if (!Progress(queue, wait)) Begin(queue, wait, put.Wait, RejectionReason.QueueFull);
    }

    public void Get(Command.GetMessages get)
    {
        if (!TryFind(get.Request, get.Queue, out var queue)) return;
        var wait = new ModelWait(get.Request, get.Session, Now + get.Wait) { Get = get };
        if (queue.CanGive) Give(queue, wait);
        else if (queue.IsDrained) Answer(get.Request, Word(RejectionReason.QueueDraining));
        else if (get.Wait == TimeSpan.Zero) Answer(get.Request, "none");
        else queue.Waits.Add(wait);
    }

    public void Join(Command.JoinQueue join)
    {
        if (!TryFind(join.Request, join.Queue, out var queue)) return;
        var wait = new ModelWait(join.Request, join.Session, Now + join.Wait);
        if (queue.Messages.Count == 0 || join.Wait == TimeSpan.Zero)
            Answer(join.Request, $"unfinished {queue.Messages.Count}");
        else queue.Waits.Add(wait);
    }

    public void Settle(Command.SettleMessages settle)
    {
        var refused = settle.Settlements.Where(settlement => !Settle(settle.Session, settlement))
            .Select(settlement => settlement.Delivery).ToArray();
        Answer(settle.Request, $"settled, but {string.Join(' ', refused)}");
    }

    public void CancelWait(RequestId request)
    {
        foreach (var queue in Queues.Values)
        {
            if (queue.Waits.Find(wait => wait.Request == request) is { } wait)
                Refuse(queue, wait, RejectionReason.WaitCancelled);
        }

        RefuseWatches(watch => watch.Request == request, Word(RejectionReason.WaitCancelled));
    }

    public void Steer(RequestId request, string name, QueueState state)
    {
        if (!TryFind(request, name, out var queue)) return;
        queue.State = state;
        Answer(request, "steered");
    }

    public void Purge(RequestId request, string name)
    {
        if (!TryFind(request, name, out var queue)) return;
        var purged = queue.Messages.RemoveAll(message => message.Holder is null);
        queue.Cancelled += purged;
        Answer(request, $"purged {purged}");
    }

    public void Delete(RequestId request, string name)
    {
        if (!TryFind(request, name, out var queue)) return;
        if (queue.Messages.Count > 0)
        {
            Answer(request, Word(RejectionReason.QueueNotEmpty));
            return;
        }

        Remove(queue);
        Answer(request, "done");
    }

    public void Cancel(RequestId request, TaskId id)
    {
        foreach (var queue in Queues.Values)
        {
            if (queue.Messages.RemoveAll(message => message.Id == id) == 0) continue;
            queue.Cancelled++;
            Answer(request, "cancelled");
            return;
        }

        var isDead = Queues.Values.Any(queue => queue.Dead.Exists(message => message.Id == id));
        Answer(request, Word(isDead ? RejectionReason.TaskFinished : RejectionReason.TaskNotFound));
    }

    /// <summary>The deadline that comes first, of everything that has one.</summary>
    public Instant NextDeadline() => Queues.Values
        .SelectMany(queue => queue.Waits.Select(wait => wait.Until)
            .Concat(queue.Messages.Select(message => message.Due))
            .Concat(queue.Keys.Values.Select(key => key.Until)))
        .Concat(_watches.Select(watch => watch.Until))
        .DefaultIfEmpty(Instant.Never).Min();

    public void Advance()
    {
        foreach (var queue in Queues.Values)
        {
            foreach (var key in queue.Keys.Where(key => key.Value.Until <= Now).ToArray()) queue.Keys.Remove(key.Key);
            foreach (var message in queue.Messages.Where(message => message.Due <= Now)
                .OrderBy(message => message.Due).ToArray())
            {
                if (message.Holder is not null) Lose(queue, message);
                else BecomeReady(queue, message, isNew: true);
            }

            foreach (var wait in queue.Waits.Where(wait => wait.Until <= Now).OrderBy(wait => wait.Until).ToArray())
                Expire(queue, wait);
        }

        RefuseWatches(watch => watch.Until <= Now, "ready none");
    }

    /// <summary>The daemon was killed: what is durable comes back, by number.</summary>
    public void Restart(Instant now)
    {
        Now = now;
        _sessions.Clear();
        _answers.Clear();
        _watches.Clear();
        foreach (var queue in Queues.Values.ToArray())
        {
            queue.Waits.Clear();
            queue.Succeeded = queue.Cancelled = queue.Failed = 0;
            if (queue.Settings.Durability == Durability.Memory)
            {
                Queues.Remove(queue.Name);
                continue;
            }

            foreach (var key in queue.Keys.Where(key => key.Value.Until <= Now).ToArray()) queue.Keys.Remove(key.Key);
            foreach (var message in queue.Messages.OrderBy(message => message.Id.Value).ToArray())
            {
                message.IsStored = message.Bytes > 0;
                if (message.Holder is not null)
                {
                    Lose(queue, message);
                    if (queue.Messages.Contains(message)) BecomeReady(queue, message, isNew: true);
                }
                else if (message.Due <= Now || message.Due == Instant.Never)
                {
                    BecomeReady(queue, message, isNew: true);
                }
            }
        }
    }

    private static ModelMessage[] HeldBy(SessionId session, ModelMessageQueue queue) =>
        [.. queue.Messages.Where(message => message.Holder == session).OrderBy(message => message.HeldSince)];

    private bool TryFind(RequestId request, string name, out ModelMessageQueue queue)
    {
        if (Queues.TryGetValue(name, out queue!)) return true;
        Answer(request, Word(RejectionReason.QueueNotFound));
        return false;
    }

    private void Answer(RequestId request, string answer) => _answers.Add(request, answer);

    private static string Word(RejectionReason reason) => reason.ToString();
}
