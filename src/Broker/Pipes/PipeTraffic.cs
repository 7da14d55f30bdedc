namespace Queued.Broker;

/// <summary>
/// How messages move. What was taken in is received in the order of sending, whatever becomes of the sender; whoever
/// waits, for room or for a message, is served in the order of coming.
/// </summary>
internal sealed class PipeTraffic(Turn turn, Waits waits, Readiness readiness, BrokerLimits limits)
{
    /// <summary>What all messages take that are on their way or wait for room.</summary>
    public long Bytes { get; private set; }

    public void Send(PipeEnd end, Command.SendToPipe send)
    {
        var cost = CostOf(send.Messages, 0);
        var refusal = end.Outgoing is null ? PipeRules.CannotSend(end)
            : PipeRules.Check(send, limits) ??
                (end.Outgoing.HasEnded ? PipeRules.SendingClosed(end)
                    : end.Peer.IsClosed ? PipeRules.PeerGone(end)
                    : Bytes + cost > limits.PipeBytesTotalMax ? PipeRules.NoMemory(limits)
                    : null);
        if (refusal is not null)
        {
            turn.Refuse(send.Request, refusal);
            return;
        }

        var flow = end.Outgoing!;
        Bytes += cost;
        var sent = flow.Senders.Count == 0 ? Put(flow, send.Messages, 0) : 0;
        if (sent == send.Messages.Count)
        {
            turn.Reply(send.Request, new Response.PipeSent(sent));
        }
        else if (send.Wait == TimeSpan.Zero)
        {
            Bytes -= CostOf(send.Messages, sent);
            turn.Reply(send.Request, new Response.PipeSent(sent));
        }
        else
        {
            var wait = new SendWait(send.Request, end.Session!, this, end, send.Messages, sent);
            if (!waits.TryBegin(wait, send.Wait, flow.Senders)) Bytes -= CostOf(send.Messages, sent);
        }

        readiness.BecameReady(end.Peer);
    }

    public void Receive(PipeEnd end, Command.ReceiveFromPipe receive)
    {
        var refusal = end.Incoming is null ? PipeRules.CannotReceive(end) : PipeRules.Check(receive, limits);
        if (refusal is not null)
        {
            turn.Refuse(receive.Request, refusal);
            return;
        }

        var flow = end.Incoming!;
        var most = Math.Max(1, receive.MessagesMax);
        if (flow.Count > 0 || flow.HasEnded || receive.Wait == TimeSpan.Zero)
        {
            turn.Reply(receive.Request, Take(flow, most));
            Refill(end);
            return;
        }

        waits.TryBegin(new ReceiveWait(receive.Request, end.Session!, flow, most), receive.Wait, flow.Receivers);
    }

    /// <summary>Back to the front, whether there is room or not: they were here before.</summary>
    public void Return(PipeEnd end, IReadOnlyList<TaskPayload> messages)
    {
        var flow = end.Incoming!;
        Bytes += CostOf(messages, 0);
        flow.Return(messages);
        Serve(flow);
        Refill(end);
    }

    /// <summary>The wait for room is over. What is on its way stays there.</summary>
    public void GiveUp(SendWait send)
    {
        send.End.Outgoing!.Senders.Remove(send);
        Bytes -= CostOf(send.Messages, send.Sent);
        // A shorter one behind it may fit.
        Refill(send.End.Peer);
    }

    /// <summary>
    /// Nothing more is sent from here. What waits for room was sent before the end, so it goes in, room or not.
    /// </summary>
    public void EndSending(PipeEnd end)
    {
        if (end.Outgoing is not { HasEnded: false } flow) return;
        while (flow.Senders.First is SendWait send)
        {
            flow.Senders.Remove(send);
            if (turn.Mutant == Mutant.PipeLosesWaitingSends)
            {
                Bytes -= CostOf(send.Messages, send.Sent);
                send.Sent = send.Messages.Count;
            }

            while (send.Sent < send.Messages.Count) flow.Add(send.Messages[send.Sent++]);
            waits.End(send, new Response.PipeSent(send.Sent));
        }

        flow.HasEnded = true;
        Serve(flow);
        if (turn.Mutant != Mutant.PipeForgetsWatches) readiness.BecameReady(end.Peer);
    }

    /// <summary>Nobody receives here any more: what is on its way is dropped, and who would send hears of it.</summary>
    public void EndReceiving(PipeEnd end)
    {
        if (end.Incoming is not { } flow) return;
        while (flow.Receivers.First is { } receive) waits.Refuse(receive, PipeRules.EndClosed(end));
        Drop(flow);
        while (turn.Mutant != Mutant.PipeForgetsSenders && flow.Senders.First is SendWait send)
        {
            flow.Senders.Remove(send);
            Bytes -= CostOf(send.Messages, send.Sent);
            waits.End(send, new Response.Rejected(PipeRules.PeerGone(send.End)));
        }
    }

    public void Drop(PipeEntry pipe)
    {
        if (pipe.First.Incoming is { } toFirst) Drop(toFirst);
        if (pipe.Second.Incoming is { } toSecond) Drop(toSecond);
    }

    /// <summary>For tests.</summary>
    /// <returns>What its messages take.</returns>
    internal static long Verify(PipeEnd end)
    {
        var flow = end.Incoming!;
        Invariant.Require(flow.Receivers.Count == 0 || (flow.Count == 0 && !flow.HasEnded && end.IsHeld));
        Invariant.Require(flow.Senders.Count == 0 || (flow.Count > 0 && !flow.HasEnded && end.Peer.IsHeld));
        Invariant.Require(flow.Count == 0 || !end.IsClosed);
        var bytes = flow.Bytes + ((long)flow.Count * PipeRules.MessageOverhead);
        for (var wait = flow.Senders.First; wait is not null; wait = LinkedRing<Wait, Wait.Links>.After(wait))
        {
            var send = (SendWait)wait;
            bytes += CostOf(send.Messages, send.Sent);
        }

        return bytes;
    }

    private static long CostOf(IReadOnlyList<TaskPayload> messages, int from)
    {
        var cost = 0L;
        for (var at = from; at < messages.Count; at++) cost += messages[at].Length + PipeRules.MessageOverhead;
        return cost;
    }

    /// <summary>Puts in what has room, which grows while somebody takes it.</summary>
    /// <returns>The first that has none.</returns>
    private int Put(PipeFlow flow, IReadOnlyList<TaskPayload> messages, int from)
    {
        do
        {
            while (from < messages.Count && HasRoomFor(flow, messages[from])) flow.Add(messages[from++]);
        }
        while (Serve(flow) && from < messages.Count);
        return from;
    }

    private bool HasRoomFor(PipeFlow flow, TaskPayload message) =>
        flow.HasRoomFor(message, limits.PipeMessagesMax) || turn.Mutant == Mutant.PipeIgnoresRoom;

    /// <summary>Gives what has come, or the end, to those who wait for it.</summary>
    /// <returns>Whether anybody waited for it.</returns>
    private bool Serve(PipeFlow flow)
    {
        var hasServed = false;
        while ((flow.Count > 0 || flow.HasEnded) && flow.Receivers.First is ReceiveWait receive)
        {
            flow.Receivers.Remove(receive);
            waits.End(receive, Take(flow, receive.MessagesMax));
            hasServed = true;
        }

        return hasServed;
    }

    private Response.PipeReceived Take(PipeFlow flow, int most)
    {
        var messages = flow.Count == 0 ? [] : flow.Take(most);
        Bytes -= CostOf(messages, 0);
        var isLast = flow.Count == 0 || turn.Mutant == Mutant.PipeEndOvertakes;
        return new Response.PipeReceived(messages, flow.HasEnded && isLast);
    }

    /// <summary>There may be room again for those who wait for it.</summary>
    private void Refill(PipeEnd end)
    {
        var flow = end.Incoming!;
        while (flow.Senders.First is SendWait send)
        {
            send.Sent = Put(flow, send.Messages, send.Sent);
            if (send.Sent < send.Messages.Count) break;
            flow.Senders.Remove(send);
            waits.End(send, new Response.PipeSent(send.Sent));
        }

        readiness.BecameReady(end);
    }

    private void Drop(PipeFlow flow)
    {
        Bytes -= flow.Bytes + ((long)flow.Count * PipeRules.MessageOverhead);
        flow.Clear();
    }
}
