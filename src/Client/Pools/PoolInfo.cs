namespace Queued.Client;

/// <summary>Whether a pool works.</summary>
public enum PoolState
{
    /// <summary>Not known: the daemon is newer than this client.</summary>
    Unknown = 0,

    /// <summary>It keeps its number of workers.</summary>
    Active = 1,

    /// <summary>The breaker is open: workers fail to boot. Tasks stay queued.</summary>
    Broken = 2,

    /// <summary>It is being deleted.</summary>
    Stopping = 3,
}

/// <summary>A supervised set of identical worker processes. What is null takes the daemon's default.</summary>
public sealed record PoolSpec
{
    /// <summary>Its name, <c>[A-Za-z0-9._-]{1,128}</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How many workers, 0 to 1024.</summary>
    public required int Size { get; init; }

    /// <summary>
    /// The queues it serves, at most 64. Queues that are not there are made. Empty (the default): <c>default</c>.
    /// </summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>
    /// Program and arguments of a worker; the program is looked up in PATH. Empty only where <see cref="Exec"/> is set.
    /// </summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>
    /// True: the workers are OS commands of the built-in handler <c>exec</c>, one process for each attempt.
    /// </summary>
    public bool Exec { get; init; }

    /// <summary>Environment of the workers on top of the daemon's own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute working directory. Null: the daemon's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// How many attempts a worker runs at once, 1 to 1024. 1 by default. A worker may ask for less, never for more.
    /// </summary>
    public int Slots { get; init; } = 1;

    /// <summary>
    /// A worker must say hello within this time of its start, 100 milliseconds to 1 hour. Null: 30 seconds.
    /// </summary>
    public TimeSpan? BootTimeout { get; init; }

    /// <summary>
    /// A worker that is silent for this long is hung and is stopped, 1 second to 1 hour. Null: 30 seconds.
    /// </summary>
    public TimeSpan? HeartbeatTimeout { get; init; }

    /// <summary>
    /// A worker leaves after this many attempts, at least 1, spread by <see cref="RecycleJitter"/>. Null or 0: never.
    /// </summary>
    public int? TasksMax { get; init; }

    /// <summary>
    /// A worker leaves at this age, 1 millisecond to 365 days, spread by <see cref="RecycleJitter"/>. Null: never.
    /// </summary>
    public TimeSpan? AgeMax { get; init; }

    /// <summary>
    /// A worker whose resident memory is above this, at least 1, leaves after its attempt. Null or 0: never.
    /// </summary>
    public long? MemorySoftBytes { get; init; }

    /// <summary>
    /// A worker whose resident memory is above this, at least 1, is killed at once; the failure says out of memory.
    /// Null or 0: never.
    /// </summary>
    public long? MemoryHardBytes { get; init; }

    /// <summary>Share of <see cref="TasksMax"/> and <see cref="AgeMax"/> that is random, 0 to 1. Null: 0.1.</summary>
    public double? RecycleJitter { get; init; }

    /// <summary>Time between the request to leave and SIGTERM, 0 to 1 hour. Null: 10 seconds.</summary>
    public TimeSpan? StopGrace { get; init; }

    /// <summary>Time between SIGTERM and SIGKILL, 0 to 1 hour. Null: 5 seconds.</summary>
    public TimeSpan? TermGrace { get; init; }

    /// <summary>
    /// Delay before a worker that failed to boot is started again, 0 to 1 hour; doubles each time. Null: 200
    /// milliseconds.
    /// </summary>
    public TimeSpan? RestartBackoff { get; init; }

    /// <summary>Longest such delay, 0 to 1 hour. Null: 30 seconds.</summary>
    public TimeSpan? RestartBackoffMax { get; init; }

    /// <summary>How many boot failures in a row open the breaker, 1 to 1000. Null: 3.</summary>
    public int? BreakerFailures { get; init; }
}

/// <summary>All that the daemon knows of a pool: a snapshot.</summary>
public sealed record PoolInfo
{
    /// <summary>Its settings, with every default filled in.</summary>
    public required PoolSpec Spec { get; init; }

    /// <summary>Whether it works.</summary>
    public required PoolState State { get; init; }

    /// <summary>Workers that are READY or BUSY.</summary>
    public int ReadyCount { get; init; }

    /// <summary>Workers that run an attempt.</summary>
    public int BusyCount { get; init; }

    /// <summary>Workers that have started and are not ready.</summary>
    public int StartingCount { get; init; }

    /// <summary>Workers that are leaving.</summary>
    public int DrainingCount { get; init; }

    /// <summary>Workers ever started in place of another since the pool was made.</summary>
    public long RestartsTotal { get; init; }

    /// <summary>Attempts ever finished by its workers.</summary>
    public long AttemptsTotal { get; init; }

    /// <summary>What the last failed boot said. Null: none failed since the last good one.</summary>
    public string? LastBootError { get; init; }

    /// <summary>Counts the reloads.</summary>
    public int Generation { get; init; }
}
