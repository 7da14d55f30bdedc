namespace Queued.Broker;

/// <summary>
/// A task. Its state changes through the <c>Become</c> methods alone, and what belongs to a state lives as long as the
/// state: a lease while RUNNING, a due time while SCHEDULED or RETRYING, an end once it is final.
/// </summary>
internal sealed class TaskEntry(
    TaskId id, QueueEntry queue, TaskSubmission submission, TaskPlan plan, DateTimeOffset submittedAt)
    : Timed
{
    private TaskEntry? _next;
    private TaskEntry? _previous;
    private int _placeByOrder;

    public TaskId Id { get; } = id;

    public QueueEntry Queue { get; } = queue;

    public TaskSubmission Submission { get; private set; } = submission;

    public TaskPlan Plan { get; } = plan;

    public DateTimeOffset SubmittedAt { get; } = submittedAt;

    public TaskState State { get; private set; }

    /// <summary>Its place among tasks of its priority: lower runs first.</summary>
    public ulong Order { get; set; }

    public uint Attempt { get; private set; }

    public int FailedAttempts { get; set; }

    public int LostDeliveries { get; set; }

    public bool CancelRequested { get; set; }

    public string CancelText { get; set; } = "";

    public TaskId? RetryOf { get; init; }

    /// <summary>When it last could have begun.</summary>
    public Instant QueuedAt { get; private set; }

    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Held while RUNNING.</summary>
    public Lease? Lease { get; private set; }

    /// <summary>There once it is final.</summary>
    public TaskEnd? End { get; private set; }

    /// <summary>Its run_at, while SCHEDULED by one: the wall clock decides.</summary>
    public bool IsOnWallClock { get; set; }

    public TaskFailure? LatestFailure { get; set; }

    public TaskProgress? Progress { get; set; }

    /// <summary>The attempt that ran when the daemon died, until a restart has dealt with it.</summary>
    public AttemptView? RestoredAttempt { get; set; }

    /// <summary>Attempts that did not succeed, oldest first.</summary>
    public List<AttemptView>? PastAttempts { get; set; }

    /// <summary>
    /// Once it is final, and for good: bytes of its payload, its result, and the texts of all its failures.
    /// </summary>
    public long KeptBytes => PayloadBytes + (End!.Result?.Length ?? 0) + (End.Failure?.TextBytes ?? 0) +
        (PastAttempts?.Sum(attempt => attempt.Failure?.TextBytes ?? 0) ?? 0);

    public ConcurrencyGate? Gate { get; set; }

    /// <summary>It is one of those its gate lets run.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>QUEUED, and waits for a worker that offers its handler.</summary>
    public bool IsAside { get; set; }

    /// <summary>The submitter, where it wants the outcome.</summary>
    public SessionId Session { get; set; }

    public List<Watcher>? Watchers { get; set; }

    /// <summary>It has a record in the store until it is removed.</summary>
    public bool IsStored { get; init; }

    public int PayloadBytes => Submission.Payload.Length;

    /// <summary>Bytes of its payload in memory that the store has, too.</summary>
    public int WindowBytes => IsStored ? Submission.Payload.Data.Length : 0;

    public sbyte Priority => (sbyte)Submission.Priority;

    /// <summary>As the store had it. What time has done to it since is for others to say.</summary>
    public void BecomeRestored(TaskStanding standing, TaskEnd? end)
    {
        Invariant.Require(State == 0 && standing.State.IsFinal() == end is not null);
        State = standing.State;
        Attempt = standing.Attempt;
        FailedAttempts = standing.FailedAttempts;
        LostDeliveries = standing.LostDeliveries;
        DueAt = standing.DueAt;
        CancelRequested = standing.CancelReason is not null;
        CancelText = standing.CancelReason ?? "";
        if (standing.PastAttempts.Count > 0) PastAttempts = [.. standing.PastAttempts];
        RestoredAttempt = end is null ? standing.LastAttempt : null;
        End = end;
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
        Lease = null;
        DueAt = null;
        QueuedAt = since;
    }

    public void BecomeRunning(Lease lease)
    {
        Invariant.Require(State == TaskState.Queued && Lease is null);
        State = TaskState.Running;
        Attempt++;
        lease.Attempt = new AttemptId(Id, Attempt);
        Lease = lease;
        Progress = null;
    }

    public void BecomeRetrying(DateTimeOffset dueAt)
    {
        Invariant.Require(State == TaskState.Running);
        State = TaskState.Retrying;
        Lease = null;
        DueAt = dueAt;
    }

    public void BecomeFinal(TaskState state, TaskEnd end)
    {
        Invariant.Require(State is not 0 && !State.IsFinal() && state.IsFinal());
        State = state;
        Lease = null;
        DueAt = null;
        End = end;
    }

    /// <summary>The store has its payload: the bytes need not stay here.</summary>
    public void ReleasePayload()
    {
        if (Submission.Payload.Data.Length > 0)
            Submission = Submission with { Payload = Submission.Payload.ToStored() };
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
