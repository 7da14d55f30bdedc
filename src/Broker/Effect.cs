namespace Queued.Broker;

/// <summary>
/// What the daemon has to do, in this order. The order is the promise: a <see cref="Persist"/> comes before every
/// <see cref="Reply"/> and outcome that depends on it, and these must not leave before it is on the disk.
/// An <see cref="Assign"/> may overtake it: a crash then repeats work that nobody was told of.
/// </summary>
public abstract partial record Effect
{
    private Effect()
    {
    }

    /// <summary>
    /// A record for the store: what a restart needs. With <paramref name="MustFlush"/> the replies and outcomes that
    /// follow wait until it is on the disk; without, nobody waits.
    /// </summary>
    public sealed record Persist(Change Change, bool MustFlush) : Effect;

    /// <summary>
    /// <see cref="Command.StoreReached"/> is wanted when everything that this turn persists is on the disk. There is
    /// one at a time.
    /// </summary>
    public sealed record AwaitStore : Effect;

    /// <summary>The answer to a command.</summary>
    public sealed record Reply(RequestId Request, Response Response) : Effect;

    /// <summary>A task that the session submitted or watches has ended. Said once.</summary>
    public sealed record TaskFinished(SessionId Session, ulong Tag, TaskOutcome Outcome) : Effect;

    /// <summary>A task that the session watches closely has changed.</summary>
    public sealed record TaskChanged(SessionId Session, TaskView Task) : Effect;

    /// <summary>Give the attempt to the worker.</summary>
    public sealed record Assign(WorkerId Worker, Assignment Assignment) : Effect;

    /// <summary>Ask the worker to stop the attempt.</summary>
    public sealed record CancelAttempt(WorkerId Worker, AttemptId Attempt, CancelReason Reason, TimeSpan Grace)
        : Effect;

    /// <summary>Tell the worker that what it said of an attempt changed nothing.</summary>
    public sealed record RefuseAttempt(WorkerId Worker, AttemptId Attempt, Rejection Rejection) : Effect;

    /// <summary>Tell the worker to finish what it runs, and to leave.</summary>
    public sealed record DrainWorker(WorkerId Worker, DrainReason Reason) : Effect;

    /// <summary>End the stream of a worker that is no longer known.</summary>
    public sealed record DisconnectWorker(WorkerId Worker, string Reason) : Effect;

    /// <summary>Start the pool's command as this worker.</summary>
    public sealed record StartWorker(WorkerId Worker, PoolSettings Pool) : Effect;

    /// <summary>Start the OS command in the payload as this worker, for this one attempt.</summary>
    public sealed record StartExec(WorkerId Worker, PoolSettings Pool, Assignment Assignment) : Effect;

    /// <summary>SIGTERM to the worker's process group.</summary>
    public sealed record TerminateWorker(WorkerId Worker) : Effect;

    /// <summary>SIGKILL to the worker's process group.</summary>
    public sealed record KillWorker(WorkerId Worker) : Effect;

    /// <summary>For logs, traces and metrics: an attempt has ended.</summary>
    public sealed record AttemptEnded(AttemptReport Report) : Effect;

    /// <summary>For logs: a worker has ended, and why.</summary>
    public sealed record WorkerEnded(WorkerId Worker, string Pool, int ProcessId, string Reason, bool Expected)
        : Effect;

    /// <summary>For logs: a pool's breaker has opened or closed.</summary>
    public sealed record PoolChanged(string Pool, PoolState State, string Reason) : Effect;

    /// <summary>The task is no longer readable; so may be its output.</summary>
    public sealed record TaskForgotten(TaskId Task) : Effect;

    /// <summary>After <see cref="Command.BeginShutdown"/>: no worker is left.</summary>
    public sealed record ShutdownComplete : Effect;
}

/// <summary>What a worker needs to run an attempt.</summary>
public sealed record Assignment
{
    public required AttemptId Attempt { get; init; }

    public required AssignmentTarget Target { get; init; }

    public required TaskPayload Payload { get; init; }

    public DateTimeOffset SubmittedAt { get; init; }

    public int FailedAttempts { get; init; }

    public string Handler => Target.Handler;

    public string Queue => Target.Queue;

    public TimeSpan? Timeout => Target.Timeout;

    public string Traceparent => Target.Traceparent;

    public string Tracestate => Target.Tracestate;

    public IReadOnlyDictionary<string, string>? Labels => Target.Labels;
}

/// <summary>What an attempt has in common with those of other tasks: they mostly share it.</summary>
/// <param name="Handler">What is called.</param>
/// <param name="Queue">Where its task comes from.</param>
/// <param name="Timeout">Hard timeout, from its beginning. Null: none.</param>
public sealed record AssignmentTarget(string Handler, string Queue, TimeSpan? Timeout = null)
{
    public string Traceparent { get; init; } = "";

    public string Tracestate { get; init; } = "";

    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>One ended attempt.</summary>
/// <param name="Next">The task's state after it.</param>
/// <param name="QueuedFor">From the moment it could have begun to its beginning.</param>
/// <param name="RanFor">From its beginning to its end.</param>
public readonly record struct AttemptReport(
    AttemptId Attempt, WorkerId Worker, string Queue, string Handler, TaskState Next, TaskFailure? Failure,
    TimeSpan QueuedFor, TimeSpan RanFor, string Traceparent, string Tracestate);

/// <summary>The answer to a command.</summary>
public abstract partial record Response
{
    private Response()
    {
    }

    /// <summary>The command was refused, and changed nothing.</summary>
    public sealed record Rejected(Rejection Rejection) : Response;

    public sealed record Done : Response;

    public sealed record Submitted(IReadOnlyList<SubmitResult> Results) : Response;

    /// <summary>A rejection for each id that could not be watched.</summary>
    public sealed record Watched(IReadOnlyList<(TaskId Task, Rejection Rejection)> Refused) : Response;

    public sealed record OneTask(TaskView Task) : Response;

    /// <summary><paramref name="Next"/> null: the last page.</summary>
    public sealed record TaskPage(IReadOnlyList<TaskView> Tasks, TaskId? Next) : Response;

    /// <summary><paramref name="Next"/>: the number of the last one's end. Null: the last page.</summary>
    public sealed record DeadPage(IReadOnlyList<TaskView> Tasks, ulong? Next) : Response;

    public sealed record Retried(TaskId Task) : Response;

    public sealed record OneQueue(QueueView Queue) : Response;

    /// <summary><paramref name="Next"/> empty: the last page.</summary>
    public sealed record QueuePage(IReadOnlyList<QueueView> Queues, string Next) : Response;

    /// <param name="Count">Cancelled by this command.</param>
    /// <param name="Left">As many are left that do not run: the next command goes on.</param>
    public sealed record Purged(long Count, long Left) : Response;

    /// <param name="Left">As many dead letters are left: the next command goes on. 0: the queue is gone.</param>
    public sealed record QueueDeleted(long Left) : Response;

    public sealed record Requeued(IReadOnlyList<TaskId> Tasks) : Response;

    public sealed record OnePool(PoolView Pool) : Response;

    /// <summary><paramref name="Next"/> empty: the last page.</summary>
    public sealed record PoolPage(IReadOnlyList<PoolView> Pools, string Next) : Response;

    public sealed record OneWorker(WorkerView Worker) : Response;

    /// <summary><paramref name="Next"/> null: the last page.</summary>
    public sealed record WorkerPage(IReadOnlyList<WorkerView> Workers, WorkerId? Next) : Response;

    public sealed record Status(BrokerStatus Counts) : Response;

    public sealed record Welcomed(WorkerId Worker, int Slots, TimeSpan HeartbeatInterval, int CreditsMax) : Response;
}
