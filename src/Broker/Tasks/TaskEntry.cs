using System.Runtime.InteropServices;

namespace Queued.Broker;

/// <summary>
/// A task. Its state changes through the <c>Become</c> methods alone, and what belongs to a state lives as long as the
/// state: a lease while RUNNING, a due time while SCHEDULED or RETRYING, an end once it is final. Millions of them may
/// wait, so each field here is weighed (docs/benchmarks.md): what many share is in their template, what few have in
/// their details.
/// </summary>
internal sealed partial class TaskEntry(
    TaskId id, QueueEntry queue, TaskSubmission submission, DateTimeOffset submittedAt)
    : Timed, IReadySource
{
    private readonly TaskTemplate _template = queue.Templates.Of(submission);
    private readonly sbyte _priority = (sbyte)submission.Priority;
    private readonly ulong _tag = submission.Tag;
    private readonly long _submittedAt = submittedAt.UtcTicks;
    private readonly int _payloadLength = submission.Payload.Length;

    /// <summary>Where in <see cref="_bytes"/> its payload begins.</summary>
    private readonly int _bytesStart = StartOf(submission.Payload.Data);

    /// <summary>The bytes of its payload, with others of their message. Null: there are none, or not here.</summary>
    private byte[]? _bytes = BytesOf(submission.Payload.Data);
    private TaskEntry? _next;
    private TaskEntry? _previous;

    /// <summary>Its hold or its end: it never has both.</summary>
    private object? _holdOrEnd;
    private int _placeByOrder;
    private Flags _flags = submission is { RunAt: not null, Delay: null } ? Flags.HasRunAt : 0;

    public TaskId Id { get; } = id;

    public QueueEntry Queue => _template.Queue;

    /// <summary>The submitter's number for it.</summary>
    public ulong Tag => _tag;

    public string Handler => _template.Traits.Handler;

    public TaskPlan Plan => _template.Plan;

    public DateTimeOffset SubmittedAt => new(_submittedAt, TimeSpan.Zero);

    public TaskState State { get; private set; }

    /// <summary>Its place among tasks of its priority: lower runs first.</summary>
    public ulong Order { get; set; }

    public uint Attempt { get; private set; }

    /// <summary>When it last could have begun.</summary>
    public Instant QueuedAt { get; private set; }

    /// <summary>Held while RUNNING by a worker.</summary>
    public Lease? Lease => _holdOrEnd as Lease;

    /// <summary>Held while RUNNING by a session: a message that it was given.</summary>
    public MessageLease? MessageLease => _holdOrEnd as MessageLease;

    /// <summary>A plain message, which no worker runs.</summary>
    public bool IsMessage => _template.Traits.Handler.Length == 0;

    /// <summary>There once it is final.</summary>
    public TaskEnd? End => _holdOrEnd as TaskEnd;

    /// <summary>It was submitted with a run_at: while SCHEDULED the wall clock decides.</summary>
    public bool HasRunAt => Has(Flags.HasRunAt);

    /// <summary>It is among those that the wall clock makes due.</summary>
    public bool IsOnWallClock { get => Has(Flags.IsOnWallClock); set => Set(Flags.IsOnWallClock, value); }

    /// <summary>
    /// Once it is final, and for good: bytes of its payload, its result, and the texts of all its failures.
    /// </summary>
    public long KeptBytes => PayloadBytes + (End!.Result?.Length ?? 0) + (End.Failure?.TextBytes ?? 0) +
        (PastAttempts?.Sum(attempt => attempt.Failure?.TextBytes ?? 0) ?? 0);

    /// <summary>It is one of those its gate lets run.</summary>
    public bool IsAdmitted { get => Has(Flags.IsAdmitted); set => Set(Flags.IsAdmitted, value); }

    /// <summary>QUEUED, and waits for a worker that offers its handler.</summary>
    public bool IsAside { get => Has(Flags.IsAside); set => Set(Flags.IsAside, value); }

    /// <summary>The submitter, where it wants the outcome.</summary>
    public SessionId Session { get; set; }

    /// <summary>It has a record in the store until it is removed.</summary>
    public bool IsStored { get => Has(Flags.IsStored); init => Set(Flags.IsStored, value); }

    public int PayloadBytes => _payloadLength;

    /// <summary>Bytes of its payload in memory that the store has, too.</summary>
    public int WindowBytes => IsStored && _bytes is not null ? _payloadLength : 0;

    public sbyte Priority => _priority;

    bool IReadySource.IsReady => State.IsFinal();

    public TaskPayload Payload => _details?.Range is { } range
        ? TaskPayload.InSegment(range, _template.Traits.ContentType)
        : _bytes is not null || _payloadLength == 0
            ? new TaskPayload(_bytes.AsMemory(_bytesStart, _payloadLength), _template.Traits.ContentType)
            : TaskPayload.Stored(_payloadLength, _template.Traits.ContentType);

    /// <summary>As the store had it. What time has done to it since is for others to say.</summary>
    public void BecomeRestored(TaskStanding standing, TaskEnd? end)
    {
        Invariant.Require(State == 0 && standing.State.IsFinal() == end is not null);
        State = standing.State;
        Attempt = standing.Attempt;
        if (standing.FailedAttempts > 0) FailedAttempts = standing.FailedAttempts;
        if (standing.LostDeliveries > 0) LostDeliveries = standing.LostDeliveries;
        DueAt = standing.DueAt;
        CancelRequested = standing.CancelReason is not null;
        CancelText = standing.CancelReason ?? "";
        if (standing.PastAttempts.Count > 0) PastAttempts = [.. standing.PastAttempts];
        RestoredAttempt = end is null ? standing.LastAttempt : null;
        _holdOrEnd = end;
        LatestFailure = end is null ? PastAttempts?[^1].Failure : end.Failure;
    }

    public void BecomeScheduled(DateTimeOffset dueAt)
    {
        Invariant.Require(State == 0);
        State = TaskState.Scheduled;
        DueAt = dueAt;
    }

    public void BecomeQueued(Instant since)
    {
        Invariant.Require(!State.IsFinal() && (State != TaskState.Queued || Order == 0));
        State = TaskState.Queued;
        _holdOrEnd = null;
        DueAt = null;
        QueuedAt = since;
    }

    public void BecomeRunning(Hold hold)
    {
        Invariant.Require(State == TaskState.Queued && _holdOrEnd is null);
        State = TaskState.Running;
        Attempt++;
        hold.Attempt = new AttemptId(Id, Attempt);
        _holdOrEnd = hold;
        Progress = null;
    }

    public void BecomeRetrying(DateTimeOffset dueAt)
    {
        Invariant.Require(State == TaskState.Running);
        State = TaskState.Retrying;
        _holdOrEnd = null;
        DueAt = dueAt;
    }

    public void BecomeFinal(TaskState state, TaskEnd end)
    {
        Invariant.Require(State is not 0 && !State.IsFinal() && state.IsFinal());
        State = state;
        DueAt = null;
        _holdOrEnd = end;
    }

    /// <summary>A message of which nothing is kept: whoever says so removes it, and its end is not seen.</summary>
    public void BecomeGone(TaskState state)
    {
        Invariant.Require(State is not 0 && !State.IsFinal() && state.IsFinal() && IsMessage);
        State = state;
        _holdOrEnd = null;
        DueAt = null;
    }

    /// <summary>The store has its payload: the bytes need not stay here.</summary>
    public void ReleasePayload()
    {
        _bytes = null;
        if (_details is { Range: not null }) _details.Range = null;
    }

    /// <summary>The list of its state: waiting, ready, finished, or dead. It is in one at a time.</summary>
    internal readonly struct Links : IRingLinks<TaskEntry>
    {
        public static ref TaskEntry? Next(TaskEntry item) => ref item._next;

        public static ref TaskEntry? Previous(TaskEntry item) => ref item._previous;
    }

    /// <summary>For tasks that stand somewhere by their number, not by their arrival.</summary>
    internal readonly struct ByOrder : IHeapOrder<TaskEntry>
    {
        public static bool IsBefore(TaskEntry left, TaskEntry right) => left.Order < right.Order;

        public static ref int Place(TaskEntry item) => ref item._placeByOrder;
    }

    internal readonly struct ByPriority : IHeapOrder<TaskEntry>
    {
        public static bool IsBefore(TaskEntry left, TaskEntry right) =>
            left.Priority != right.Priority ? left.Priority > right.Priority : left.Order < right.Order;

        public static ref int Place(TaskEntry item) => ref item._placeByOrder;
    }

    internal readonly struct ByWall : IHeapOrder<TaskEntry>
    {
        public static bool IsBefore(TaskEntry left, TaskEntry right) => left.DueAt < right.DueAt;

        public static ref int Place(TaskEntry item) => ref item._placeByOrder;
    }

    internal bool StandsByOrder => _placeByOrder != 0;

    private bool Has(Flags flag) => (_flags & flag) != 0;

    private void Set(Flags flag, bool isSet) => _flags = isSet ? _flags | flag : _flags & ~flag;

    private static int StartOf(ReadOnlyMemory<byte> data) =>
        MemoryMarshal.TryGetArray(data, out var segment) && segment.Count > 0 ? segment.Offset : 0;

    private static byte[]? BytesOf(ReadOnlyMemory<byte> data) =>
        data.IsEmpty ? null : MemoryMarshal.TryGetArray(data, out var segment) ? segment.Array : data.ToArray();

    /// <summary>In a byte together, where each would take one.</summary>
    [Flags]
    private enum Flags : byte
    {
        HasRunAt = 1,
        IsOnWallClock = 2,
        IsAdmitted = 4,
        IsAside = 8,
        IsStored = 16,
    }
}

/// <summary>Somebody who hears of the task besides its submitter.</summary>
internal readonly record struct Watcher(SessionId Session, ulong Tag, bool EveryChange);

/// <summary>How and when a task ended.</summary>
internal sealed class TaskEnd(
    DateTimeOffset at,
    Instant forgetAt,
    TaskPayload? result,
    TaskFailure? failure,
    AttemptView? lastAttempt)
{
    /// <summary>Ends are counted: a later one has a higher number.</summary>
    public required ulong Number { get; set; }

    public DateTimeOffset At { get; } = at;

    public Instant ForgetAt { get; } = forgetAt;

    public TaskPayload? Result { get; set; } = result;

    public TaskFailure? Failure { get; } = failure;

    public AttemptView? LastAttempt { get; } = lastAttempt;

    /// <summary>It is on its queue's list of dead letters.</summary>
    public bool IsDead { get; set; }
}
