namespace Queued.Broker;

/// <summary>Why the daemon stops a worker; decides what becomes of its attempts.</summary>
internal enum StopCause : byte
{
    None = 0,

    /// <summary>
    /// Told to leave: recycled, scaled down, reloaded, stopped by hand, shut down. Its attempts go back uncounted.
    /// </summary>
    Order,

    /// <summary>For one attempt's sake: a timeout or a cancel. The others go back uncounted.</summary>
    Attempt,

    /// <summary>Above its hard memory limit.</summary>
    Memory,

    /// <summary>Silent for too long.</summary>
    Hung,

    /// <summary>Its stream ended, its process did not.</summary>
    Lost,

    /// <summary>No hello in time.</summary>
    Boot,
}

/// <summary>How far the kill ladder has gone.</summary>
internal enum StopStep : byte
{
    None = 0,
    Asked,

    /// <summary>Its attempts were asked to stop as well: the daemon stops.</summary>
    Urged,
    Terminated,
    Killed,
}

internal enum WorkerKind : byte
{
    /// <summary>A process of a pool.</summary>
    Pooled,

    /// <summary>An OS command of an exec pool: lives for one attempt.</summary>
    Exec,

    /// <summary>Connected by itself; not ours to kill.</summary>
    External,
}

/// <summary>A worker, or a place in a pool that waits for its next process.</summary>
internal sealed class WorkerEntry(
    WorkerId id, WorkerKind kind, WorkerGroup group, int generation, DateTimeOffset startedAt)
    : Timed
{
    private WorkerEntry? _next;
    private WorkerEntry? _previous;

    public WorkerId Id { get; } = id;

    public WorkerKind Kind { get; } = kind;

    public WorkerGroup Group { get; } = group;

    public PoolEntry? Pool => Group.Pool;

    public int Generation { get; } = generation;

    public DateTimeOffset StartedAt { get; set; } = startedAt;

    public WorkerState State { get; set; }

    public int ProcessId { get; set; }

    public bool IsConnected { get; set; }

    /// <summary>It reads payloads that are in segments by itself.</summary>
    public bool MapsSegments { get; set; }

    /// <summary>Null: any.</summary>
    public HashSet<string>? Handlers { get; set; }

    public int Slots { get; set; } = 1;

    /// <summary>How many more attempts it may be given; below 0 while those that waited go on again.</summary>
    public int Credits { get; set; }

    /// <summary>Its attempts in the order they were given.</summary>
    public LinkedRing<Lease, Lease.Links> Held { get; } = new();

    /// <summary>The first of <see cref="Held"/> that has not begun.</summary>
    public Lease? NextToBegin { get; set; }

    public int Begun { get; set; }

    public int Waiting { get; set; }

    public long AttemptsTotal { get; set; }

    public long ResidentBytes { get; set; }

    /// <summary>How its process ended. Null: it has not, or has none of ours.</summary>
    public ProcessExit? Exit { get; set; }

    /// <summary>Leaves after this many attempts. 0: never.</summary>
    public int TasksMax { get; set; }

    public Instant BootDue { get; set; } = Instant.Never;

    public Instant AgeDue { get; set; } = Instant.Never;

    /// <summary>The next step of the kill ladder, or the end of a back-off.</summary>
    public Instant StepDue { get; set; } = Instant.Never;

    /// <summary>It counts as hung when nothing is heard of it until then.</summary>
    public Instant HungDue { get; set; } = Instant.Never;

    public TimeSpan HeartbeatTimeout { get; set; }

    public StopStep Step { get; set; }

    public StopCause Cause { get; set; }

    public string StopReason { get; set; } = "";

    /// <summary>Boot errors of its pool before its hello; they count on when it leaves without having worked.</summary>
    public int BootErrorsBefore { get; set; }

    /// <summary>The ring of its group that it is in: none, Free, or Prefetching.</summary>
    public LinkedRing<WorkerEntry, Links>? Ring { get; set; }

    /// <summary>It has held an attempt, ever.</summary>
    public bool HasWorked { get; set; }

    public bool IsDraining => State == WorkerState.Draining;

    /// <summary>
    /// It can be given attempts at all. Those that wait are left out of its tasks_max: what they wait for may have
    /// nobody else.
    /// </summary>
    public bool CanWork =>
        State is WorkerState.Ready or WorkerState.Busy &&
        IsConnected && Step == StopStep.None && Kind != WorkerKind.Exec &&
        (TasksMax == 0 || AttemptsTotal + Held.Count - Waiting < TasksMax);

    /// <summary>Its word counts when it is asked whether somebody offers a handler.</summary>
    public bool IsAskable => IsConnected && !IsDraining && Step == StopStep.None;

    /// <summary><see cref="IsAskable"/> when that was last looked at.</summary>
    public bool WasAskable { get; set; }

    /// <summary>It is on the list of workers that may take what waits aside.</summary>
    public bool IsFreed { get; set; }

    public bool Offers(string handler) => Handlers is null || Handlers.Contains(handler);

    public bool HasFreeSlot => Held.Count - Waiting < Slots;

    internal readonly struct Links : IRingLinks<WorkerEntry>
    {
        public static ref WorkerEntry? Next(WorkerEntry item) => ref item._next;

        public static ref WorkerEntry? Previous(WorkerEntry item) => ref item._previous;
    }
}
