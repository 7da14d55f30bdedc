namespace Queued.Broker;

/// <summary>
/// All that can happen to the broker. A command with a <see cref="RequestId"/> other than 0 gets exactly one
/// <see cref="Effect.Reply"/>: in the same turn, or, where it says that it waits, in a later one.
/// </summary>
public abstract partial record Command
{
    private Command()
    {
    }

    // Tasks. ------------------------------------------------------------------------------------

    /// <summary>Adds tasks, each by itself. Reply: <see cref="Response.Submitted"/>.</summary>
    public sealed record SubmitTasks(RequestId Request, SessionId Session, IReadOnlyList<TaskSubmission> Tasks)
        : Command;

    /// <summary>
    /// The session hears the outcome of these tasks (<see cref="Effect.TaskFinished"/>, at once for those that have
    /// ended), or, with <paramref name="EveryChange"/>, also each change (<see cref="Effect.TaskChanged"/>, the first
    /// at once). Reply: <see cref="Response.Watched"/>, with a rejection for each id that is not there.
    /// </summary>
    public sealed record WatchTasks(RequestId Request, SessionId Session, IReadOnlyList<TaskId> Tasks, bool EveryChange)
        : Command;

    public sealed record UnwatchTasks(SessionId Session, IReadOnlyList<TaskId> Tasks) : Command;

    /// <summary>
    /// The session hears nothing more, and all that it holds is released. Its tasks go on. One that is not there is no
    /// mistake.
    /// </summary>
    public sealed record EndSession(SessionId Session) : Command;

    /// <summary>Reply: <see cref="Response.OneTask"/>.</summary>
    public sealed record GetTask(RequestId Request, TaskId Task, bool WithPayload) : Command;

    /// <summary>Newest first, below <paramref name="Before"/>. Reply: <see cref="Response.TaskPage"/>.</summary>
    public sealed record ListTasks(RequestId Request, TaskQuery Query, int PageSize, TaskId? Before) : Command;

    /// <summary>Reply: <see cref="Response.OneTask"/>.</summary>
    public sealed record CancelTask(RequestId Request, TaskId Task, string Reason, TimeSpan? Grace) : Command;

    /// <summary>Reply: <see cref="Response.Retried"/>.</summary>
    public sealed record RetryTask(RequestId Request, TaskId Task) : Command;

    // Queues. -----------------------------------------------------------------------------------

    /// <summary>Reply: <see cref="Response.OneQueue"/>.</summary>
    public sealed record DeclareQueue(RequestId Request, string Name, QueueSettings Settings) : Command;

    /// <summary>Reply: <see cref="Response.OneQueue"/>.</summary>
    public sealed record GetQueue(RequestId Request, string Name) : Command;

    /// <summary>
    /// In the order of names, after <paramref name="After"/>. Reply: <see cref="Response.QueuePage"/>.
    /// </summary>
    public sealed record ListQueues(RequestId Request, int PageSize, string After) : Command;

    /// <summary>Reply: <see cref="Response.OneQueue"/>.</summary>
    public sealed record PauseQueue(RequestId Request, string Name) : Command;

    /// <summary>Ends a pause or a drain. Reply: <see cref="Response.OneQueue"/>.</summary>
    public sealed record ResumeQueue(RequestId Request, string Name) : Command;

    /// <summary>Reply: <see cref="Response.OneQueue"/>.</summary>
    public sealed record DrainQueue(RequestId Request, string Name) : Command;

    /// <summary>
    /// Cancels what does not run, a step of it. Reply: <see cref="Response.Purged"/>, which says how much is left.
    /// </summary>
    public sealed record PurgeQueue(RequestId Request, string Name) : Command;

    /// <summary>
    /// Removes its dead letters, a step of them, and with the last ones the queue. Reply:
    /// <see cref="Response.QueueDeleted"/>, which says how many are left.
    /// </summary>
    public sealed record DeleteQueue(RequestId Request, string Name) : Command;

    /// <summary>Oldest end first, after <paramref name="After"/>. Reply: <see cref="Response.DeadPage"/>.</summary>
    public sealed record ListDead(RequestId Request, string Queue, int PageSize, ulong? After) : Command;

    /// <summary>Reply: <see cref="Response.Requeued"/>.</summary>
    public sealed record RequeueDead(RequestId Request, string Queue, IReadOnlyList<TaskId> Tasks) : Command;

    // Pools and workers, as people steer them. --------------------------------------------------

    /// <summary>
    /// Reply: <see cref="Response.OnePool"/>. With <paramref name="IsConfigured"/> it comes from the configuration,
    /// which makes it again after a restart; otherwise the store keeps it.
    /// </summary>
    public sealed record CreatePool(RequestId Request, PoolSettings Settings, bool IsConfigured = false) : Command;

    /// <summary>Reply: <see cref="Response.OnePool"/>.</summary>
    public sealed record GetPool(RequestId Request, string Name) : Command;

    /// <summary>Reply: <see cref="Response.PoolPage"/>.</summary>
    public sealed record ListPools(RequestId Request, int PageSize, string After) : Command;

    /// <summary>Reply: <see cref="Response.OnePool"/>.</summary>
    public sealed record ScalePool(RequestId Request, string Name, int Size) : Command;

    /// <summary>Reply: <see cref="Response.OnePool"/>.</summary>
    public sealed record ReloadPool(RequestId Request, string Name) : Command;

    /// <summary>Reply: <see cref="Response.Done"/>, at once; the workers drain afterwards.</summary>
    public sealed record DeletePool(RequestId Request, string Name) : Command;

    /// <summary>Reply: <see cref="Response.WorkerPage"/>.</summary>
    public sealed record ListWorkers(RequestId Request, string Pool, int PageSize, WorkerId? After) : Command;

    /// <summary>Reply: <see cref="Response.OneWorker"/>.</summary>
    public sealed record StopWorker(RequestId Request, WorkerId Worker, bool Kill) : Command;

    /// <summary>
    /// Reply: <see cref="Response.Status"/>. With <paramref name="WithViews"/> also every queue and pool.
    /// </summary>
    public sealed record GetStatus(RequestId Request, bool WithViews) : Command;

    // What workers say, and what happens to them. -------------------------------------------------

    /// <summary>
    /// A worker's hello; its identity was checked at the edge. <paramref name="Worker"/> null: external.
    /// Reply: <see cref="Response.Welcomed"/>.
    /// </summary>
    public sealed record ConnectWorker(RequestId Request, WorkerId? Worker, WorkerHello Hello) : Command;

    /// <summary>
    /// One message of a worker's stream. Things said of attempts that are not its own are answered by
    /// <see cref="Effect.RefuseAttempt"/>.
    /// </summary>
    public sealed record WorkerReport(WorkerId Worker) : Command
    {
        public int Credits { get; init; }

        public IReadOnlyList<Settlement> Settlements { get; init; } = [];

        public IReadOnlyList<(AttemptId Attempt, TaskProgress Progress)> Progress { get; init; } = [];

        public IReadOnlyList<(AttemptId Attempt, TimeSpan Timeout)> Extensions { get; init; } = [];

        public IReadOnlyList<(AttemptId Attempt, bool Waiting)> Waits { get; init; } = [];

        /// <summary>From now on payloads that are in segments need not be read for it.</summary>
        public bool MapsSegments { get; init; }
    }

    /// <summary>The worker's stream has ended.</summary>
    public sealed record WorkerDisconnected(WorkerId Worker) : Command;

    /// <summary>
    /// The process asked for by <see cref="Effect.StartWorker"/> or <see cref="Effect.StartExec"/> runs.
    /// </summary>
    public sealed record WorkerSpawned(WorkerId Worker, int ProcessId) : Command;

    /// <summary>It could not be started. No <see cref="WorkerExited"/> follows.</summary>
    /// <param name="ErrorType">For an exec worker: the error type of its task's failure.</param>
    public sealed record WorkerSpawnFailed(WorkerId Worker, string Message, string ErrorType = "") : Command;

    /// <summary>The process was reaped. The last that is heard of the worker.</summary>
    /// <param name="ExecResult">For an exec worker: its result, also where it failed.</param>
    public sealed record WorkerExited(WorkerId Worker, ProcessExit Exit, TaskPayload? ExecResult = null) : Command;

    /// <summary>Resident memory of the worker's process.</summary>
    public sealed record WorkerSampled(WorkerId Worker, long ResidentBytes) : Command;

    // The daemon. -------------------------------------------------------------------------------

    /// <summary>The store has too little room for new tasks, or has enough again. Ends are stored either way.</summary>
    public sealed record StoreSpaceChanged(bool IsShort) : Command;

    /// <summary>
    /// So much waits for room on the disk that durable queues are to change by nothing but what runs, or no more. What
    /// would change them by a wish is refused, and nothing of them is given out.
    /// </summary>
    public sealed record StoreStuckChanged(bool IsStuck) : Command;

    /// <summary>The turn of the last <see cref="Effect.AwaitStore"/> is on the disk.</summary>
    public sealed record StoreReached : Command;

    /// <summary>
    /// Takes no new tasks, drains every worker; <see cref="Effect.ShutdownComplete"/> when none is left.
    /// </summary>
    public sealed record BeginShutdown(TimeSpan DrainTime) : Command;

    /// <summary>Kills every worker at once.</summary>
    public sealed record ShutdownNow : Command;
}

/// <summary>What a worker said of itself.</summary>
public sealed record WorkerHello
{
    /// <summary>Only an external worker's count.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>Empty: any.</summary>
    public IReadOnlyList<string> Handlers { get; init; } = [];

    /// <summary>0: 1, or its pool's.</summary>
    public int Slots { get; init; }

    public int ProcessId { get; init; }
}

/// <summary>How a process ended, as the kernel tells it.</summary>
/// <param name="ExitCode">Where it exited by itself.</param>
/// <param name="Signal">Where a signal ended it.</param>
/// <param name="OutOfMemory">The kernel's out-of-memory killer did it.</param>
/// <param name="PeakResidentBytes">0: not known.</param>
/// <param name="CpuTime">User and system.</param>
/// <param name="OutputTail">The last lines it wrote.</param>
public sealed record ProcessExit(
    int? ExitCode, int? Signal, bool OutOfMemory, long PeakResidentBytes, TimeSpan CpuTime, string OutputTail);

/// <summary>How an attempt ended, as its worker sees it.</summary>
public abstract record Settlement(AttemptId Attempt)
{
    public sealed record Succeeded(AttemptId Attempt, TaskPayload Result) : Settlement(Attempt);

    /// <summary>Kind is Error, Rejected or Cancelled.</summary>
    public sealed record Failed(AttemptId Attempt, TaskFailure Failure) : Settlement(Attempt);

    /// <summary>Not begun: back to its old place, and it counts as nothing.</summary>
    public sealed record Released(AttemptId Attempt) : Settlement(Attempt);

    /// <summary>Not now: back after the delay, and it counts as nothing.</summary>
    public sealed record Snoozed(AttemptId Attempt, TimeSpan Delay) : Settlement(Attempt);
}
