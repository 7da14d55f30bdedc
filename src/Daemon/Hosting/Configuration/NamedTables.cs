using Queued.Broker;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>
/// Every key of a queue and of a pool. Names and ranges are those of the protocol's QueuePolicy and PoolSpec.
/// </summary>
internal static class NamedTables
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly RetrySettings NoRetry = new();

    public static readonly ConfigTable<QueueSettings> Queue = new(
        new ConfigKey<QueueSettings, Durability>(
            "durability", new ChoiceKind<Durability>(
                ("memory", Durability.Memory), ("async", Durability.Async), ("fsync", Durability.Fsync)),
            s => s.Durability == 0 ? null : s.Durability, (s, v) => s with { Durability = v },
            "How tasks are kept. memory: gone with the daemon. async: stored, but a crash may lose the last of them. " +
            "fsync: on the disk before anybody is told. Default: fsync, or memory where daemon.store is memory."),
        new ConfigKey<QueueSettings, QueueKind>(
            "kind", new ChoiceKind<QueueKind>(("tasks", QueueKind.Tasks), ("messages", QueueKind.Messages)),
            s => s.Kind, (s, v) => s with { Kind = v },
            "What it holds: tasks, which workers run, or plain messages, which clients put and get. Default: tasks."),
        new ConfigKey<QueueSettings, QueueOrder>(
            "order", new ChoiceKind<QueueOrder>(("fifo", QueueOrder.Fifo), ("lifo", QueueOrder.Lifo)),
            s => s.Order, (s, v) => s with { Order = v },
            "Which entry of one priority comes first: the oldest, or, of messages alone, the newest. Default: fifo."),
        new ConfigKey<QueueSettings, long>("tasks_max", new WholeKind(1, 100_000_000),
            s => NullIfZero(s.TasksMax), (s, v) => s with { TasksMax = v },
            "Most tasks that have not ended, or messages that nobody holds. Default: limits.tasks_max."),
        new ConfigKey<QueueSettings, long>("bytes_max", new SizeKind(1024, 1L << 50),
            s => NullIfZero(s.BytesMax), (s, v) => s with { BytesMax = v },
            "Most payload bytes of tasks that have not ended. Default: limits.payload_bytes_total_max."),
        Retry("max_attempts", new WholeKind(1, 1000), r => NullIfZero(r.MaxAttempts),
            (r, v) => r with { MaxAttempts = (int)v },
            "Attempts that may fail before the task ends. Default: 1."),
        Retry("max_deliveries", new WholeKind(1, 1000), r => NullIfZero(r.MaxDeliveries),
            (r, v) => r with { MaxDeliveries = (int)v },
            "Attempts that may be lost with their worker before the task ends. Default: 3."),
        Retry("initial_backoff", new DurationKind(TimeSpan.Zero, Day), r => r.InitialBackoff,
            (r, v) => r with { InitialBackoff = v },
            "Delay before the second attempt. Default: 1s."),
        Retry("multiplier", new RealKind(1, 100), r => r.Multiplier == 0 ? null : r.Multiplier,
            (r, v) => r with { Multiplier = v },
            "Each delay is this much longer than the one before. Default: 2."),
        Retry("max_backoff", new DurationKind(TimeSpan.Zero, 30 * Day), r => r.MaxBackoff,
            (r, v) => r with { MaxBackoff = v },
            "The longest delay. Default: 5m."),
        Retry("jitter", new RealKind(0, 1), r => r.Jitter, (r, v) => r with { Jitter = v },
            "Share of the delay that is random. Default: 0.2."),
        Retry("non_retryable_error_types", new ListKind(TextKind.Any, ',', 0, 32, "error types"),
            r => r.NonRetryableErrorTypes.Count == 0 ? null : r.NonRetryableErrorTypes,
            (r, v) => r with { NonRetryableErrorTypes = v },
            "Error types that end the task at once. Default: none."),
        new ConfigKey<QueueSettings, TimeSpan>("timeout", new DurationKind(Millisecond, 30 * Day),
            s => s.Timeout, (s, v) => s with { Timeout = v },
            "Hard timeout for tasks that bring none. Default: none."),
        new ConfigKey<QueueSettings, TimeSpan>("grace", new DurationKind(TimeSpan.Zero, Hour),
            s => s.Grace, (s, v) => s with { Grace = v },
            "Time between the request to stop and the kill, for tasks that bring none. Default: 5s."),
        new ConfigKey<QueueSettings, TimeSpan>("result_ttl", new DurationKind(TimeSpan.Zero, 30 * Day),
            s => s.ResultTtl, (s, v) => s with { ResultTtl = v },
            "How long a finished task can be read, for tasks that bring none. Default: 1h."),
        new ConfigKey<QueueSettings, long>("running_max", new WholeKind(1, 1_000_000),
            s => NullIfZero(s.RunningMax), (s, v) => s with { RunningMax = (int)v },
            "Most tasks of this queue that run at once. Default: as many as there are workers."),
        new ConfigKey<QueueSettings, long>("dead_max", new WholeKind(1, 1_000_000),
            s => NullIfZero(s.DeadMax), (s, v) => s with { DeadMax = (int)v },
            "Most dead letters kept; the oldest goes first. Default: 10000."));

    public static readonly ConfigTable<PoolSettings> Pool = new(
        new ConfigKey<PoolSettings, int>("size", new CountKind(1024),
            s => s.Size, (s, v) => s with { Size = v },
            "How many workers. Default: auto, one per core."),
        new ConfigKey<PoolSettings, IReadOnlyList<string>>("queues", new ListKind(TextKind.Name, ',', 1, 64, "queues"),
            s => s.Queues, (s, v) => s with { Queues = v },
            "The queues it serves; those that are not there are made. Default: [\"default\"]."),
        new ConfigKey<PoolSettings, IReadOnlyList<string>>(
            "command", new ListKind(TextKind.Any, ' ', 1, 1024, "arguments"),
            s => s.Command.Count == 0 ? null : s.Command, (s, v) => s with { Command = v },
            "Program and arguments of a worker; the program is looked up in PATH. Needed unless exec is true."),
        new ConfigKey<PoolSettings, bool>("exec", SwitchKind.Instance,
            s => s.Exec ? true : null, (s, v) => s with { Exec = v },
            "The workers are OS commands of the built-in handler exec, one process for each attempt. Default: false."),
        new ConfigMapKey<PoolSettings>("env", s => s.Environment, (s, v) => s with { Environment = v },
            "Environment of the workers on top of the daemon's own."),
        new ConfigKey<PoolSettings, string>("cwd", TextKind.AbsolutePath,
            s => s.WorkingDirectory.Length == 0 ? null : s.WorkingDirectory, (s, v) => s with { WorkingDirectory = v },
            "Working directory. Default: the daemon's."),
        new ConfigKey<PoolSettings, long>("slots", new WholeKind(1, 1024),
            s => NullIfZero(s.Slots), (s, v) => s with { Slots = (int)v },
            "Attempts that a worker runs at once. Default: 1."),
        Time("boot_timeout", 100 * Millisecond, s => s.BootTimeout, (s, v) => s with { BootTimeout = v },
            "A worker must say hello within this time of its start. Default: 30s."),
        Time("heartbeat_timeout", 1000 * Millisecond, s => s.HeartbeatTimeout,
            (s, v) => s with { HeartbeatTimeout = v },
            "A worker that is silent for this long is hung and is stopped. Default: 30s."),
        new ConfigKey<PoolSettings, long>("tasks_max", new WholeKind(0, int.MaxValue),
            s => NullIfZero(s.TasksMax), (s, v) => s with { TasksMax = (int)v },
            "A worker leaves after this many attempts, spread by recycle_jitter. Default: 0, never."),
        new ConfigKey<PoolSettings, TimeSpan>("age_max", new DurationKind(1000 * Millisecond, 3650 * Day),
            s => s.AgeMax, (s, v) => s with { AgeMax = v },
            "A worker leaves at this age, spread by recycle_jitter. Default: never."),
        new ConfigKey<PoolSettings, long>("memory_soft_bytes", new SizeKind(0, 1L << 50),
            s => NullIfZero(s.MemorySoftBytes), (s, v) => s with { MemorySoftBytes = v },
            "A worker whose resident memory is above this leaves after its attempt. Default: 0, never."),
        new ConfigKey<PoolSettings, long>("memory_hard_bytes", new SizeKind(0, 1L << 50),
            s => NullIfZero(s.MemoryHardBytes), (s, v) => s with { MemoryHardBytes = v },
            "A worker whose resident memory is above this is killed at once. Default: 0, never."),
        new ConfigKey<PoolSettings, double>("recycle_jitter", new RealKind(0, 1),
            s => s.RecycleJitter, (s, v) => s with { RecycleJitter = v },
            "Share of tasks_max and age_max that is random. Default: 0.1."),
        Time("stop_grace", TimeSpan.Zero, s => s.StopGrace, (s, v) => s with { StopGrace = v },
            "Time between the request to leave and SIGTERM. Default: 10s."),
        Time("term_grace", TimeSpan.Zero, s => s.TermGrace, (s, v) => s with { TermGrace = v },
            "Time between SIGTERM and SIGKILL. Default: 5s."),
        Time("restart_backoff", Millisecond, s => s.RestartBackoff, (s, v) => s with { RestartBackoff = v },
            "Delay before a worker that failed to boot is started again; doubles each time. Default: 200ms."),
        Time("restart_backoff_max", Millisecond, s => s.RestartBackoffMax, (s, v) => s with { RestartBackoffMax = v },
            "Longest such delay. Default: 30s."),
        new ConfigKey<PoolSettings, long>("breaker_failures", new WholeKind(1, 1000),
            s => NullIfZero(s.BreakerFailures), (s, v) => s with { BreakerFailures = (int)v },
            "Boot failures in a row that open the breaker. Default: 3."));

    private static long? NullIfZero(long value) => value == 0 ? null : value;

    private static ConfigKey<QueueSettings, T> Retry<T>(
        string name, ConfigKind<T> kind, Func<RetrySettings, object?> get, Func<RetrySettings, T, RetrySettings> set,
        string description) =>
        new($"retry.{name}", kind, s => get(s.Retry ?? NoRetry),
            (s, v) => s with { Retry = set(s.Retry ?? NoRetry, v) }, description);

    private static ConfigKey<PoolSettings, TimeSpan> Time(
        string name, TimeSpan min, Func<PoolSettings, TimeSpan?> get, Func<PoolSettings, TimeSpan, PoolSettings> set,
        string description) =>
        new(name, new DurationKind(min, Hour), s => get(s), set, description);
}
