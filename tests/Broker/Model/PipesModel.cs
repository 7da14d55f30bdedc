namespace Queued.Broker.Tests.Model;

/// <summary>
/// Pipes as the specification tells of them, in the simplest way: lists that are searched, and everything looked at
/// again after every change.
/// </summary>
internal sealed class PipesModel(BrokerLimits limits)
{
    private readonly List<ModelPipe> _pipes = [];
    private readonly List<ModelWatch> _watches = [];
    private readonly Dictionary<long, string> _replies = [];
    private ulong _nextEnd = 1;

    /// <summary>Ends that sessions hold, in the order in which they were taken.</summary>
    public IEnumerable<ModelEnd> Held =>
        _pipes.SelectMany(pipe => pipe.Ends).Where(end => end.Session != 0).OrderBy(end => end.Id);

    public int PipeCount => _pipes.Count;

    /// <summary>Nobody waits for anything.</summary>
    public bool IsQuiet => _watches.Count == 0 && _pipes.TrueForAll(pipe =>
        Array.TrueForAll(pipe.Ends, end => end.Senders.Count == 0 && end.Receivers.Count == 0));

    /// <summary>Request → the answer in words. A watch's may name fewer things than this.</summary>
    public Dictionary<long, string> TakeReplies()
    {
        var taken = new Dictionary<long, string>(_replies);
        _replies.Clear();
        return taken;
    }

    public void Apply(Command command, Instant now)
    {
        switch (command)
        {
            case Command.OpenPipe open: Open(open); break;
            case Command.SendToPipe send: Send(send, now); break;
            case Command.ReceiveFromPipe receive: Receive(receive, now); break;
            case Command.ReturnToPipe back: Return(back); break;
            case Command.PollPipe poll:
                Watch(poll.Request.Value, poll.Session.Value, [poll.End.Value], poll.Wait, now);
                break;
            case Command.WaitAny any:
                var ends = any.Targets.Select(target => ((WaitTarget.PipeEnd)target).End.Value).ToArray();
                Watch(any.Request.Value, any.Session.Value, ends, any.Wait, now);
                break;
            case Command.ClosePipe close: Close(close, now); break;
            case Command.CancelWait cancel: GiveUp(cancel.Waiting.Value, "WaitCancelled"); break;
            case Command.EndSession end:
                foreach (var held in Held.Where(held => held.Session == end.Session.Value).ToArray()) Close(held, now);
                break;
        }
    }

    /// <summary>Everything whose time is over by then, the earliest first.</summary>
    public void Advance(Instant now)
    {
        while (true)
        {
            var sends = _pipes.SelectMany(pipe => pipe.Ends).SelectMany(end => end.Senders)
                .Select(send => (send.Due, send.Request));
            var receives = _pipes.SelectMany(pipe => pipe.Ends).SelectMany(end => end.Receivers)
                .Select(receive => (receive.Due, receive.Request));
            var next = sends.Concat(receives).Concat(_watches.Select(watch => (watch.Due, watch.Request)))
                .Where(wait => wait.Due <= now).OrderBy(wait => wait.Due).FirstOrDefault();
            if (next == default) break;
            GiveUp(next.Request, null);
        }

        _pipes.RemoveAll(pipe => pipe.GoneAt <= now);
    }

    private void Open(Command.OpenPipe open)
    {
        var pipe = _pipes.Find(pipe => pipe.Name == open.Name);
        var place = open.Side is { } side ? (int)side - 1 : pipe is { } there && there.Ends[0].Id != 0 ? 1 : 0;
        if (pipe is not null && (pipe.Mode != open.Mode || (open.BufferBytes != 0 && open.BufferBytes != pipe.Buffer)))
        {
            Reply(open.Request, "StateConflict");
            return;
        }

        if (pipe is null && _pipes.Count == limits.PipesMax)
        {
            Reply(open.Request, "LimitReached");
            return;
        }

        if (pipe is not null && pipe.Ends[place].Id != 0)
        {
            Reply(open.Request, "PipeEndTaken");
            return;
        }

        if (pipe is null) _pipes.Add(pipe = new ModelPipe(open.Name, open.Mode, open.BufferBytes));
        pipe.GoneAt = Instant.Never;
        (pipe.Ends[place].Id, pipe.Ends[place].Session) = (_nextEnd++, open.Session.Value);
        Reply(open.Request, $"opened {pipe.Ends[place].Id} {place + 1}");
    }

    private void Send(Command.SendToPipe send, Instant now)
    {
        if (Find(send.Request, send.Session, send.End) is not { } end) return;
        var total = _pipes.SelectMany(pipe => pipe.Ends).Sum(one => one.Cost) + send.Messages.Sum(ModelEnd.CostOf);
        if (!end.CanSend || end.HasEndedSending || end.Peer.IsClosed)
        {
            Reply(send.Request, "PipeClosed");
        }
        else if (total > limits.PipeBytesTotalMax)
        {
            Reply(send.Request, "LimitReached");
        }
        else
        {
            var wait = new ModelSend(send.Request.Value, [.. send.Messages], now + send.Wait);
            end.Peer.Senders.Add(wait);
            Settle(end.Peer);
            if (send.Wait == TimeSpan.Zero && end.Peer.Senders.Contains(wait)) GiveUp(wait.Request, null);
        }
    }

    private void Receive(Command.ReceiveFromPipe receive, Instant now)
    {
        if (Find(receive.Request, receive.Session, receive.End) is not { } end) return;
        if (!end.CanReceive)
        {
            Reply(receive.Request, "PipeClosed");
            return;
        }

        var wait = new ModelReceive(receive.Request.Value, Math.Max(1, receive.MessagesMax), now + receive.Wait);
        end.Receivers.Add(wait);
        Settle(end);
        if (receive.Wait == TimeSpan.Zero && end.Receivers.Contains(wait)) GiveUp(wait.Request, null);
    }

    private void Return(Command.ReturnToPipe back)
    {
        if (Held.FirstOrDefault(end => end.Id == back.End.Value) is not { } end) return;
        end.Inbox.InsertRange(0, back.Messages);
        Settle(end);
    }

    private void Watch(long request, long session, ulong[] ids, TimeSpan wait, Instant now)
    {
        var ends = new List<ModelEnd>();
        foreach (var id in ids)
        {
            if (Find(new RequestId(request), new SessionId(session), new PipeEndId(id)) is not { } end) return;
            if (!end.CanReceive)
            {
                Reply(new RequestId(request), "PipeClosed");
                return;
            }

            ends.Add(end);
        }

        _watches.Add(new ModelWatch(request, ends, now + wait));
        Tell();
        if (wait == TimeSpan.Zero) GiveUp(request, null);
    }

    private void Close(Command.ClosePipe close, Instant now)
    {
        if (Find(close.Request, close.Session, close.End) is not { } end) return;
        if (close.SendingOnly) EndSending(end);
        else Close(end, now);
        Reply(close.Request, "done");
    }

    private void Close(ModelEnd end, Instant now)
    {
        EndSending(end);
        end.Session = 0;
        foreach (var receive in end.Receivers) _replies.Add(receive.Request, "PipeClosed");
        foreach (var send in end.Senders) _replies.Add(send.Request, "PipeClosed");
        foreach (var watch in _watches.Where(watch => watch.Ends.Contains(end)))
            _replies.Add(watch.Request, "PipeClosed");
        _watches.RemoveAll(watch => watch.Ends.Contains(end));
        end.Receivers.Clear();
        end.Senders.Clear();
        end.Inbox.Clear();
        if (end.Peer.IsClosed) _pipes.Remove(end.Pipe);
        else if (end.Peer.Id == 0) end.Pipe.GoneAt = now + limits.PipeLingerTime;
    }

    /// <summary>What waits for room was sent before.</summary>
    private void EndSending(ModelEnd end)
    {
        if (!end.CanSend || end.HasEndedSending) return;
        foreach (var send in end.Peer.Senders)
        {
            end.Peer.Inbox.AddRange(send.Messages.Skip(send.Sent));
            _replies.Add(send.Request, $"sent {send.Messages.Count}");
        }

        end.Peer.Senders.Clear();
        end.HasEndedSending = true;
        Settle(end.Peer);
    }

    private void GiveUp(long request, string? refusal)
    {
        foreach (var end in _pipes.SelectMany(pipe => pipe.Ends))
        {
            if (end.Senders.Find(send => send.Request == request) is { } send)
            {
                end.Senders.Remove(send);
                _replies.Add(request, send.Sent > 0 || refusal is null ? $"sent {send.Sent}" : refusal);
                Settle(end);
                return;
            }

            if (end.Receivers.RemoveAll(receive => receive.Request == request) > 0)
                _replies.Add(request, refusal ?? "received");
        }

        if (_watches.RemoveAll(watch => watch.Request == request) > 0) _replies.Add(request, refusal ?? "ready");
    }

    /// <summary>Takes turns: what has room goes in, then those who wait take, until nothing moves.</summary>
    private void Settle(ModelEnd end)
    {
        bool moved;
        do
        {
            while (end.Senders.Count > 0 && end.HasRoomFor(end.Senders[0].Messages[end.Senders[0].Sent], limits))
            {
                var send = end.Senders[0];
                end.Inbox.Add(send.Messages[send.Sent++]);
                if (send.Sent < send.Messages.Count) continue;
                end.Senders.RemoveAt(0);
                _replies.Add(send.Request, $"sent {send.Sent}");
            }

            moved = false;
            while (end.IsReady && end.Receivers.Count > 0)
            {
                var receive = end.Receivers[0];
                end.Receivers.RemoveAt(0);
                _replies.Add(receive.Request, end.Take(receive.MessagesMax));
                moved = true;
            }
        }
        while (moved);
        Tell();
    }

    private void Tell()
    {
        foreach (var watch in _watches.Where(watch => watch.Ends.Exists(end => end.IsReady)).ToArray())
        {
            var ready = Enumerable.Range(0, watch.Ends.Count).Where(place => watch.Ends[place].IsReady);
            _replies.Add(watch.Request, $"ready {string.Join(' ', ready)}");
            _watches.Remove(watch);
        }
    }

    private ModelEnd? Find(RequestId request, SessionId session, PipeEndId id)
    {
        var end = Held.FirstOrDefault(end => end.Id == id.Value && end.Session == session.Value);
        if (end is null) Reply(request, "PipeNotFound");
        return end;
    }

    private void Reply(RequestId request, string text) => _replies.Add(request.Value, text);
}
