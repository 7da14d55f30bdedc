namespace Queued.Broker;

/// <summary>
/// All memory segments: names, numbers, who uses which, and the quota. What is done to the file of one is done one step
/// after the other; what is asked for meanwhile waits its turn.
/// </summary>
internal sealed partial class Segments(
    Turn turn, Waits waits, BrokerLimits limits, Dictionary<SessionId, SessionEntry> sessions, ulong firstNumber)
{
    /// <summary>How long a file may be in work before those who wait for it are told.</summary>
    public static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(1);

    private readonly Dictionary<SegmentId, SegmentEntry> _segments = [];
    private readonly Dictionary<string, SegmentEntry> _named = new(StringComparer.Ordinal);
    private readonly SortedSet<ulong> _numbers = [];
    private ulong _next = firstNumber;
    private long _bytes;

    public bool Any => _segments.Count > 0;

    /// <summary>A bug that is switched on, for tests.</summary>
    private Mutant Mutant => turn.Mutant;

    public void Apply(Command.MemoryCommand command)
    {
        switch (command)
        {
            case Command.CreateSegment create: Create(create); break;
            case Command.OpenSegment open: Open(open); break;
            case Command.ResizeSegment resize: Resize(resize); break;
            case Command.CloseSegment close: Close(close); break;
            case Command.UnlinkSegment unlink: Unlink(unlink); break;
            case Command.ListSegments list: List(list); break;
            case Command.SegmentReady ready: Ready(ready); break;
            case Command.SegmentRead read: Unhold(read.Id); break;
            default: throw new NotSupportedException(command.GetType().Name);
        }
    }

    /// <summary>The session has ended: all that it uses it uses no more.</summary>
    public void Release(SessionEntry session)
    {
        if (session.Segments is not { } used || Mutant == Mutant.KeepSegmentsOfTheDead) return;
        session.Segments = null;
        foreach (var segment in used)
        {
            segment.Users.Remove(session, out var uses);
            segment.Uses -= uses;
            if (segment.IsBusy && segment.Maker != session) Linger(segment);
            else Left(segment);
        }
    }

    /// <summary>The wait is called off. What is under way for it goes on.</summary>
    public void Leave(SegmentWait wait)
    {
        var segment = wait.Segment;
        if (segment.Working == wait) segment.Working = null;
        else segment.Waits.Remove(wait);
        if (wait.IsClaim) segment.Claims--;
        RemoveIfUnwanted(segment);
    }

    private void Create(Command.CreateSegment create)
    {
        if (!sessions.TryGetValue(create.Session, out var session))
        {
            turn.Refuse(create.Request, Rejections.SessionNotFound(create.Session));
            return;
        }

        if ((RefuseCreate(create) ?? waits.RefuseMore(session)) is { } rejection)
        {
            turn.Refuse(create.Request, rejection);
            return;
        }

        var segment = new SegmentEntry(
            new SegmentId(_next++), create.Name, create.Bytes, session, turn.Now.Wall);
        _segments.Add(segment.Id, segment);
        _numbers.Add(segment.Id.Value);
        if (segment.Name.Length > 0) _named.Add(segment.Name, segment);
        _bytes += segment.Bytes;
        turn.Emit(new Effect.CreateSegment(segment.Id, segment.Bytes));
        segment.Working = Wait(create.Request, session, segment, 0);
    }

    private Rejection? RefuseCreate(Command.CreateSegment create)
    {
        if (create.Name.Length > 0 && SegmentRules.CheckName(create.Name, limits) is { } mistake) return mistake;
        if (SegmentRules.CheckBytes(create.Bytes, limits) is { } tooLarge) return tooLarge;
        if (_named.ContainsKey(create.Name)) return SegmentRules.Exists(create.Name);
        if (_segments.Count >= limits.SegmentsMax)
            return Rejections.Limit(nameof(BrokerLimits.SegmentsMax), limits.SegmentsMax, "memory segments");
        return RefuseBytes(create.Bytes);
    }

    private Rejection? RefuseBytes(long more) => more > limits.SegmentBytesTotalMax - _bytes
        ? SegmentRules.TotalReached(more, _bytes, limits)
        : null;

    private void Open(Command.OpenSegment open)
    {
        if (!sessions.TryGetValue(open.Session, out var session))
        {
            turn.Refuse(open.Request, Rejections.SessionNotFound(open.Session));
            return;
        }

        var isThere = open.Id is { } id
            ? _segments.TryGetValue(id, out var segment)
            : _named.TryGetValue(open.Name, out segment);
        if (!isThere)
            turn.Refuse(open.Request, open.Id is { } no ? SegmentRules.NotFound(no) : SegmentRules.NotFound(open.Name));
        else if (segment!.State == SegmentState.Ready) turn.Reply(open.Request, Use(segment, session));
        else if (waits.RefuseMore(session) is { } refusal) turn.Refuse(open.Request, refusal);
        else segment.Waits.AddLast(Wait(open.Request, session, segment, 0));
    }

    private void Resize(Command.ResizeSegment resize)
    {
        var mistake = RefuseUser(resize.Session, resize.Id, out var session, out var segment) ??
            SegmentRules.CheckBytes(resize.Bytes, limits) ?? waits.RefuseMore(session);
        if (mistake is not null)
        {
            turn.Refuse(resize.Request, mistake);
            return;
        }

        var wait = Wait(resize.Request, session, segment, resize.Bytes);
        if (segment.State == SegmentState.Ready) Start(wait);
        else segment.Waits.AddLast(wait);
    }

    private void Close(Command.CloseSegment close)
    {
        if (RefuseUser(close.Session, close.Id, out var session, out var segment) is { } missing)
        {
            turn.Refuse(close.Request, missing);
            return;
        }

        segment.Uses--;
        if (--segment.Users[session] == 0)
        {
            segment.Users.Remove(session);
            session.Segments!.Remove(segment);
        }

        turn.Reply(close.Request, new Response.Done());
        Left(segment);
    }

    private Rejection? RefuseUser(SessionId id, SegmentId number, out SessionEntry session, out SegmentEntry segment)
    {
        segment = null!;
        if (!sessions.TryGetValue(id, out session!)) return Rejections.SessionNotFound(id);
        return _segments.TryGetValue(number, out segment!) && segment.Users.ContainsKey(session)
            ? null
            : SegmentRules.NotFound(number);
    }

    private void Unlink(Command.UnlinkSegment unlink)
    {
        if (!_named.Remove(unlink.Name, out var segment))
        {
            turn.Refuse(unlink.Request, SegmentRules.NotFound(unlink.Name));
            return;
        }

        segment.Name = "";
        turn.Reply(unlink.Request, new Response.Done());
        if (Mutant == Mutant.RemoveUnlinkedSegment) turn.Emit(new Effect.RemoveSegment(segment.Id));
    }

    private void List(Command.ListSegments list)
    {
        if (list.PageSize < 1 || list.PageSize > limits.PageSizeMax)
        {
            turn.Refuse(
                list.Request,
                Rejections.Invalid("page_size", $"page_size must be between 1 and {limits.PageSizeMax}."));
            return;
        }

        var views = new List<SegmentView>();
        foreach (var number in _numbers.GetViewBetween((list.After?.Value ?? 0) + 1, ulong.MaxValue))
        {
            if (views.Count == list.PageSize)
            {
                turn.Reply(list.Request, new Response.SegmentPage(views, views[^1].Id));
                return;
            }

            views.Add(ViewOf(_segments[new SegmentId(number)]));
        }

        turn.Reply(list.Request, new Response.SegmentPage(views, null));
    }

    /// <summary>The file is as it was asked for, or as it was before. One that nobody wants any more is gone.</summary>
    private void Ready(Command.SegmentReady ready)
    {
        if (!_segments.TryGetValue(ready.Id, out var segment)) return;
        if (ready.Error is { } error && segment.State == SegmentState.Making)
        {
            Remove(segment, SegmentRules.NoRoom(segment, error), hasFile: false);
            return;
        }

        var noRoom = ready.Error is { } text ? SegmentRules.NoRoom(segment, text) : null;
        var before = segment.BytesCounted;
        segment.BecomeReady(ready.Error is null);
        _bytes += segment.BytesCounted - before;
        if (segment.Working is { } wait)
        {
            segment.Working = null;
            if (noRoom is null) Grant(wait);
            else waits.End(wait, new Response.Rejected(noRoom));
        }

        while (segment is { State: SegmentState.Ready, Waits.First: SegmentWait next })
        {
            segment.Waits.Remove(next);
            if (next.IsClaim) Grant(next);
            else Start(next);
        }

        RemoveIfUnwanted(segment);
    }

    /// <summary>It is this one's turn to change the file.</summary>
    private void Start(SegmentWait wait)
    {
        var segment = wait.Segment;
        var more = wait.Bytes - segment.Bytes;
        if (more == 0)
        {
            Grant(wait);
            return;
        }

        var rejection = more > 0 ? RefuseBytes(more)
            : segment.Uses > 1 || segment.Holds > 0 ? SegmentRules.InUse(segment)
            : null;
        if (rejection is not null)
        {
            waits.End(wait, new Response.Rejected(rejection));
            return;
        }

        segment.BecomeResizing(wait.Bytes);
        segment.Working = wait;
        if (Mutant != Mutant.ForgetGrownBytes) _bytes += segment.BytesCounted - segment.Bytes;
        turn.Emit(new Effect.ResizeSegment(segment.Id, segment.Bytes, wait.Bytes));
    }

    private SegmentWait Wait(RequestId request, SessionEntry session, SegmentEntry segment, long bytes)
    {
        var wait = new SegmentWait(request, session, this, segment, bytes);
        if (wait.IsClaim) segment.Claims++;
        waits.Begin(wait, PatienceMax);
        return wait;
    }

    private void Grant(SegmentWait wait)
    {
        if (wait.IsClaim) wait.Segment.Claims--;
        waits.End(wait, wait.IsClaim ? Use(wait.Segment, wait.Session) : new Response.OneSegment(ViewOf(wait.Segment)));
    }

    private static Response.OneSegment Use(SegmentEntry segment, SessionEntry session)
    {
        segment.Uses++;
        segment.Users[session] = segment.Users.GetValueOrDefault(session) + 1;
        (session.Segments ??= []).Add(segment);
        return new Response.OneSegment(ViewOf(segment));
    }

    private void RemoveIfUnwanted(SegmentEntry segment)
    {
        if (!segment.IsWanted && segment.State != SegmentState.Removed)
            Remove(segment, SegmentRules.NotFound(segment.Id), hasFile: true);
    }

    /// <summary>Its last user has gone, or it was never made: who still waits for it hears why.</summary>
    private void Remove(SegmentEntry segment, Rejection rejection, bool hasFile)
    {
        _segments.Remove(segment.Id);
        _numbers.Remove(segment.Id.Value);
        if (segment.Name.Length > 0) _named.Remove(segment.Name);
        _bytes -= segment.BytesCounted;
        segment.Claims = 0;
        segment.BecomeRemoved();
        if (hasFile) turn.Emit(new Effect.RemoveSegment(segment.Id));
        if (segment.Working is { } working)
        {
            segment.Working = null;
            waits.End(working, new Response.Rejected(rejection));
        }

        while (segment.Waits.First is { } wait)
        {
            segment.Waits.Remove(wait);
            waits.End(wait, new Response.Rejected(rejection));
        }
    }

    private static SegmentView ViewOf(SegmentEntry segment) => new(
        segment.Id, segment.Name, segment.Bytes,
        [.. segment.Users.Keys.Take(SegmentView.UsersMax).Select(session => session.Name)], segment.CreatedAt)
    {
        Task = segment.Task,
    };
}
