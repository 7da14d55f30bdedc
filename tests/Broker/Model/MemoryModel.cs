namespace Queued.Broker.Tests.Model;

/// <summary>
/// Memory segments in the plainest way: lists that are searched, and sums that are added up each time. It says what
/// every command must be answered with, and what must happen to the files, in order.
/// </summary>
internal sealed class MemoryModel(BrokerLimits limits, ulong firstNumber)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly List<ModelSegment> _segments = [];
    private readonly List<SessionId> _sessions = [];
    private readonly List<ModelSegmentWait> _waits = [];
    private ulong _next = firstNumber;

    /// <summary>What the turn must have said to whom.</summary>
    public Dictionary<RequestId, string> Replies { get; } = [];

    /// <summary>What the turn must have asked of the files.</summary>
    public List<Effect> Files { get; } = [];

    public IReadOnlyList<ModelSegment> Segments => _segments;

    public IReadOnlyList<SessionId> Sessions => _sessions;

    public int WaitCount => _waits.Count;

    public void Apply(Command command, Instant now)
    {
        Replies.Clear();
        Files.Clear();
        switch (command)
        {
            case Command.OpenSession open: _sessions.Add(open.Session); break;
            case Command.EndSession end: End(end.Session); break;
            case Command.CancelWait cancel: CallOff(wait => wait.Request == cancel.Waiting, "WaitCancelled"); break;
            case Command.CreateSegment create: Create(create, now); break;
            case Command.OpenSegment open: Open(open, now); break;
            case Command.ResizeSegment resize: Resize(resize, now); break;
            case Command.CloseSegment close: Close(close); break;
            case Command.UnlinkSegment unlink: Unlink(unlink); break;
            case Command.SegmentReady ready: Ready(ready); break;
            default: throw new NotSupportedException(command.GetType().Name);
        }
    }

    public void Advance(Instant now)
    {
        Replies.Clear();
        Files.Clear();
        foreach (var wait in _waits.Where(wait => wait.Since + Patience <= now).ToList())
            CallOff(other => other == wait, "MemoryFull");
    }

    private void Create(Command.CreateSegment create, Instant now)
    {
        var mistake = !_sessions.Contains(create.Session) ? "SessionNotFound"
            : create.Name.Contains('/', StringComparison.Ordinal) ? "InvalidRequest"
            : Mistake(create.Bytes) ??
                (create.Name.Length > 0 && Named(create.Name) is not null ? "SegmentExists"
                    : _segments.Count >= limits.SegmentsMax ? "LimitReached"
                    : Total() + create.Bytes > limits.SegmentBytesTotalMax ? "LimitReached"
                    : null);
        if (mistake is not null)
        {
            Replies.Add(create.Request, mistake);
            return;
        }

        var segment = new ModelSegment(new SegmentId(_next++), create.Name, create.Bytes) { IsInWork = true };
        _segments.Add(segment);
        Files.Add(new Effect.CreateSegment(segment.Id, create.Bytes));
        segment.Worker = Wait(create.Request, create.Session, segment, 0, now);
    }

    private void Open(Command.OpenSegment open, Instant now)
    {
        var segment = open.Id is { } id ? _segments.Find(other => other.Id == id) : Named(open.Name);
        if (!_sessions.Contains(open.Session)) Replies.Add(open.Request, "SessionNotFound");
        else if (segment is null) Replies.Add(open.Request, "SegmentNotFound");
        else Serve(segment, Wait(open.Request, open.Session, segment, 0, now));
    }

    private void Resize(Command.ResizeSegment resize, Instant now)
    {
        var segment = _segments.Find(other => other.Id == resize.Id);
        var mistake = !_sessions.Contains(resize.Session) ? "SessionNotFound"
            : segment?.Users.Contains(resize.Session) != true ? "SegmentNotFound"
            : Mistake(resize.Bytes);
        if (mistake is not null) Replies.Add(resize.Request, mistake);
        else Serve(segment!, Wait(resize.Request, resize.Session, segment!, resize.Bytes, now));
    }

    private void Close(Command.CloseSegment close)
    {
        var segment = _segments.Find(other => other.Id == close.Id);
        if (!_sessions.Contains(close.Session)) Replies.Add(close.Request, "SessionNotFound");
        else if (segment?.Users.Remove(close.Session) != true) Replies.Add(close.Request, "SegmentNotFound");
        else Replies.Add(close.Request, "Done");
        RemoveUnused();
    }

    private void Unlink(Command.UnlinkSegment unlink)
    {
        var segment = Named(unlink.Name);
        Replies.Add(unlink.Request, segment is null ? "SegmentNotFound" : "Done");
        if (segment is not null) segment.Name = "";
    }

    private void End(SessionId session)
    {
        if (!_sessions.Remove(session)) return;
        CallOff(wait => wait.Session == session, "SessionNotFound");
        foreach (var segment in _segments) segment.Users.RemoveAll(user => user == session);
        RemoveUnused();
    }

    private void Ready(Command.SegmentReady ready)
    {
        if (_segments.Find(other => other.Id == ready.Id) is not { } segment) return;
        var isMaking = segment.BytesNext == 0;
        var worker = segment.Worker;
        (segment.Worker, segment.IsInWork) = (null, false);
        if (ready.Error is not null && isMaking)
        {
            if (worker is not null) Answer(worker, "MemoryFull");
            foreach (var wait in WaitsOf(segment)) Answer(wait, "MemoryFull");
            _segments.Remove(segment);
            return;
        }

        if (!isMaking && ready.Error is null) segment.Bytes = segment.BytesNext;
        segment.BytesNext = 0;
        if (worker is not null && ready.Error is null) Grant(segment, worker);
        else if (worker is not null) Answer(worker, "MemoryFull");
        foreach (var wait in WaitsOf(segment)) Serve(segment, wait);
        RemoveUnused();
    }

    /// <summary>Its turn has come, or it waits on.</summary>
    private void Serve(ModelSegment segment, ModelSegmentWait wait)
    {
        if (segment.IsInWork) return;
        if (wait.Bytes == 0 || wait.Bytes == segment.Bytes) Grant(segment, wait);
        else if (wait.Bytes < segment.Bytes && segment.Users.Count > 1) Answer(wait, "StateInUse");
        else if (wait.Bytes > segment.Bytes && Total() + wait.Bytes - segment.Bytes > limits.SegmentBytesTotalMax)
            Answer(wait, "LimitReached");
        else
        {
            Files.Add(new Effect.ResizeSegment(segment.Id, segment.Bytes, wait.Bytes));
            (segment.Worker, segment.IsInWork, segment.BytesNext) = (wait, true, wait.Bytes);
        }
    }

    private void Grant(ModelSegment segment, ModelSegmentWait wait)
    {
        if (wait.Bytes == 0) segment.Users.Add(wait.Session);
        Answer(wait, $"{segment.Id} {segment.Bytes}");
    }

    private void CallOff(Predicate<ModelSegmentWait> which, string answer)
    {
        foreach (var wait in _waits.FindAll(which))
        {
            // Its segment may have gone with one before it, and it was told that.
            if (!_waits.Contains(wait)) continue;
            if (wait.Segment.Worker == wait) wait.Segment.Worker = null;
            Answer(wait, answer);
            RemoveUnused();
        }
    }

    private void RemoveUnused()
    {
        foreach (var segment in _segments.ToList())
        {
            var isClaimed = _waits.Exists(wait => wait.Segment == segment && wait.Bytes == 0);
            if (segment.Users.Count > 0 || isClaimed) continue;
            _segments.Remove(segment);
            Files.Add(new Effect.RemoveSegment(segment.Id));
            foreach (var wait in _waits.FindAll(wait => wait.Segment == segment)) Answer(wait, "SegmentNotFound");
        }
    }

    private ModelSegmentWait Wait(RequestId request, SessionId session, ModelSegment segment, long bytes, Instant now)
    {
        var wait = new ModelSegmentWait(request, session, segment, bytes, now);
        _waits.Add(wait);
        return wait;
    }

    private void Answer(ModelSegmentWait wait, string answer)
    {
        _waits.Remove(wait);
        Replies.Add(wait.Request, answer);
    }

    private List<ModelSegmentWait> WaitsOf(ModelSegment segment) => _waits.FindAll(wait => wait.Segment == segment);

    private ModelSegment? Named(string name) => _segments.Find(segment => segment.Name == name && name.Length > 0);

    private long Total() => _segments.Sum(segment => Math.Max(segment.Bytes, segment.BytesNext));

    private string? Mistake(long bytes) =>
        bytes < 1 ? "InvalidRequest" : bytes > limits.SegmentBytesMax ? "LimitReached" : null;
}

internal sealed class ModelSegment(SegmentId id, string name, long bytes)
{
    public SegmentId Id { get; } = id;

    public string Name { get; set; } = name;

    public long Bytes { get; set; } = bytes;

    /// <summary>0: it is not being resized.</summary>
    public long BytesNext { get; set; }

    public bool IsInWork { get; set; }

    /// <summary>Waits for what is in work. Null: it was called off.</summary>
    public ModelSegmentWait? Worker { get; set; }

    /// <summary>A session is here once for each use.</summary>
    public List<SessionId> Users { get; } = [];
}

/// <param name="Bytes">0: it wants to use the segment.</param>
internal sealed record ModelSegmentWait(
    RequestId Request, SessionId Session, ModelSegment Segment, long Bytes, Instant Since);
