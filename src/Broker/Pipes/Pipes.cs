using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

/// <summary>
/// All pipes: who holds which end, and what becomes of them when he goes. How messages move is in
/// <see cref="PipeTraffic"/>.
/// </summary>
internal sealed class Pipes(
    Turn turn,
    Waits waits,
    Readiness readiness,
    IReadOnlyDictionary<SessionId, SessionEntry> sessions,
    BrokerLimits limits,
    ulong firstEnd)
{
    private readonly Dictionary<string, PipeEntry> _pipes = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<PipeEndId, PipeEnd> _held = [];
    private readonly PipeTraffic _traffic = new(turn, waits, readiness, limits);
    private ulong _nextEnd = firstEnd;

    public void Apply(Command.PipeCommand command)
    {
        switch (command)
        {
            case Command.OpenPipe open: Open(open); break;
            case Command.ListPipes list: List(list); break;
            case Command.PipeEndCommand end: Apply(end); break;
            default: throw new NotSupportedException(command.GetType().Name);
        }
    }

    /// <summary>What the session may wait for at this end.</summary>
    public IReadySource? FindSource(SessionEntry session, PipeEndId id, out Rejection? missing)
    {
        if (!TryFind(session.Id, id, out var end, out missing)) return null;
        if (end.Incoming is not null) return end;
        missing = PipeRules.CannotReceive(end);
        return null;
    }

    /// <summary>The session has ended: its ends are closed, as if it had closed them.</summary>
    public void Release(SessionEntry session)
    {
        while (session.PipeEnds.First is { } end) Close(end);
    }

    /// <summary>Nobody came for the end that was never taken.</summary>
    public void Due(PipeEntry pipe) => Remove(pipe);

    internal IEnumerable<PipeEnd> Sources => _pipes.Values.SelectMany(pipe => (PipeEnd[])[pipe.First, pipe.Second]);

    /// <summary>Counts everything again, in O(n). For tests.</summary>
    internal void VerifyAll()
    {
        Invariant.Require(_names.Count == _pipes.Count);
        var bytes = 0L;
        foreach (var pipe in _pipes.Values)
        {
            Invariant.Require(!pipe.First.IsClosed || !pipe.Second.IsClosed);
            Invariant.Require(pipe.HasTimer == !(pipe.First.IsHeld || pipe.Second.IsHeld));
            foreach (var end in (PipeEnd[])[pipe.First, pipe.Second])
            {
                Invariant.Require(!end.IsHeld || _held[end.Id] == end);
                if (end.Incoming is not null) bytes += PipeTraffic.Verify(end);
            }
        }

        Invariant.Require(bytes == _traffic.Bytes);
    }

    private void Apply(Command.PipeEndCommand command)
    {
        if (!TryFind(command.Session, command.End, out var end, out var missing))
        {
            turn.Refuse(command.Request, missing);
            return;
        }

        switch (command)
        {
            case Command.SendToPipe send: _traffic.Send(end, send); break;
            case Command.ReceiveFromPipe receive: _traffic.Receive(end, receive); break;
            case Command.ReturnToPipe back: _traffic.Return(end, back.Messages); break;
            case Command.PollPipe poll: Poll(end, poll); break;
            case Command.ClosePipe close: Close(end, close); break;
            default: throw new NotSupportedException(command.GetType().Name);
        }
    }

    private bool TryFind(
        SessionId session,
        PipeEndId id,
        [NotNullWhen(true)] out PipeEnd? end,
        [NotNullWhen(false)] out Rejection? missing)
    {
        end = null;
        missing = !sessions.ContainsKey(session) ? Rejections.SessionNotFound(session)
            : !_held.TryGetValue(id, out end) || end.Session!.Id != session ? PipeRules.NotFound(id)
            : null;
        return missing is null;
    }

    private void Open(Command.OpenPipe open)
    {
        if (!sessions.TryGetValue(open.Session, out var session))
        {
            turn.Refuse(open.Request, Rejections.SessionNotFound(open.Session));
            return;
        }

        var isThere = _pipes.TryGetValue(open.Name, out var pipe);
        var side = open.Side ?? (isThere && pipe!.First.IsTaken ? PipeSide.Second : PipeSide.First);
        var refusal = PipeRules.Check(open, limits) ??
            (isThere ? PipeRules.Compare(pipe!, open)
                : _pipes.Count >= limits.PipesMax
                    ? Rejections.Limit(nameof(BrokerLimits.PipesMax), limits.PipesMax, "pipes")
                    : null) ??
            (isThere && pipe!.End(side).IsTaken ? PipeRules.Taken(pipe, open.Side) : null);
        if (refusal is not null)
        {
            turn.Refuse(open.Request, refusal);
            return;
        }

        pipe ??= Add(open);
        var end = pipe.End(side);
        end.BecomeHeld(new PipeEndId(_nextEnd++), session);
        session.PipeEnds.AddLast(end);
        _held.Add(end.Id, end);
        turn.SetTimer(pipe, Instant.Never);
        turn.Reply(open.Request, new Response.PipeOpened(end.Id, side, pipe.Mode, pipe.BufferBytes));
    }

    private PipeEntry Add(Command.OpenPipe open)
    {
        var bytes = open.BufferBytes > 0
            ? open.BufferBytes
            : Math.Min(PipeRules.BufferBytesDefault, limits.PipeBufferBytesMax);
        var pipe = new PipeEntry(open.Name, open.Mode, bytes);
        _pipes.Add(pipe.Name, pipe);
        _names.Add(pipe.Name);
        return pipe;
    }

    private void Remove(PipeEntry pipe)
    {
        turn.SetTimer(pipe, Instant.Never);
        _pipes.Remove(pipe.Name);
        _names.Remove(pipe.Name);
        _traffic.Drop(pipe);
    }

    private void Poll(PipeEnd end, Command.PollPipe poll)
    {
        if (end.Incoming is null) turn.Refuse(poll.Request, PipeRules.CannotReceive(end));
        else readiness.Watch(poll.Request, end.Session!, [end], poll.Wait, isPoll: true);
    }

    private void Close(PipeEnd end, Command.ClosePipe close)
    {
        if (close.SendingOnly) _traffic.EndSending(end);
        else Close(end);
        turn.Reply(close.Request, new Response.Done());
    }

    private void Close(PipeEnd end)
    {
        end.Session!.PipeEnds.Remove(end);
        _held.Remove(end.Id);
        _traffic.EndSending(end);
        end.BecomeClosed();
        _traffic.EndReceiving(end);
        readiness.Gone(end, PipeRules.EndClosed(end));
        if (end.Peer.IsClosed) Remove(end.Pipe);
        else if (!end.Peer.IsTaken) turn.SetTimer(end.Pipe, turn.Now.Monotonic + limits.PipeLingerTime);
    }

    private void List(Command.ListPipes list)
    {
        if (!PageRules.TryRead(list.PageSize, limits, out var size, out var refusal))
        {
            turn.Refuse(list.Request, refusal);
            return;
        }

        // From the name that comes next after this one. Names have no character above 'z'.
        var views = new List<PipeView>();
        foreach (var name in string.CompareOrdinal(list.After, "{") < 0
            ? _names.GetViewBetween(list.After + "\0", "{")
            : [])
        {
            if (views.Count == size)
            {
                turn.Reply(list.Request, new Response.PipePage(views, views[^1].Name));
                return;
            }

            views.Add(ViewOf(_pipes[name]));
        }

        turn.Reply(list.Request, new Response.PipePage(views, ""));
    }

    private static PipeView ViewOf(PipeEntry pipe) =>
        new(pipe.Name, pipe.Mode, pipe.BufferBytes, ViewOf(pipe.First), ViewOf(pipe.Second));

    private static PipeEndView ViewOf(PipeEnd end) =>
        new(end.Holder, end.IsClosed, end.Incoming?.Count ?? 0, end.Incoming?.Bytes ?? 0);
}
