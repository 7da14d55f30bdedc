namespace Queued.Broker;

/// <summary>What a pool must look like, and what it is where nothing is given.</summary>
internal static class PoolRules
{
    public static Rejection? Check(PoolSettings pool, BrokerLimits limits) =>
        SubmissionRules.CheckName("name", pool.Name, limits) ??
        (pool.Size < 0 || pool.Size > limits.PoolSizeMax
            ? Rejections.Invalid("size", $"The size must be between 0 and {limits.PoolSizeMax}.")
            : null) ??
        (pool.Queues.Count > limits.QueuesPerWorkerMax
            ? Rejections.Invalid("queues", $"A pool serves at most {limits.QueuesPerWorkerMax} queues.")
            : null) ??
        (pool.Command.Count == 0 && !pool.Exec
            ? Rejections.Invalid("command", "Give the command of the workers, or set exec.")
            : null) ??
        (pool.Command.Count > 0 && pool.Exec
            ? Rejections.Invalid("command", "An exec pool has no command: each task brings its own.")
            : null) ??
        LaunchRules.Check(pool, limits) ??
        (pool.Slots < 0 || pool.Slots > limits.SlotsMax
            ? Rejections.Invalid("slots", $"The slots must be between 1 and {limits.SlotsMax}.")
            : null) ??
        CheckBetween("boot_timeout", pool.BootTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)) ??
        CheckBetween("heartbeat_timeout", pool.HeartbeatTimeout, Silence.TimeoutMin, Silence.TimeoutMax) ??
        (pool.TasksMax < 0 ? Rejections.Invalid("tasks_max", "tasks_max must be 0 or more.") : null) ??
        CheckBetween("age_max", pool.AgeMax, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(365)) ??
        (pool.MemorySoftBytes < 0 ? Rejections.Invalid("memory_soft_bytes", "It must be 0 or more.") : null) ??
        (pool.MemoryHardBytes < 0 ? Rejections.Invalid("memory_hard_bytes", "It must be 0 or more.") : null) ??
        (pool.RecycleJitter is not null and not (>= 0 and <= 1)
            ? Rejections.Invalid("recycle_jitter", "The jitter must be between 0 and 1.")
            : null) ??
        SubmissionRules.CheckSpan("stop_grace", pool.StopGrace, limits.GraceMax) ??
        SubmissionRules.CheckSpan("term_grace", pool.TermGrace, limits.GraceMax) ??
        SubmissionRules.CheckSpan("restart_backoff", pool.RestartBackoff, TimeSpan.FromHours(1)) ??
        SubmissionRules.CheckSpan("restart_backoff_max", pool.RestartBackoffMax, TimeSpan.FromHours(1)) ??
        (pool.BreakerFailures is < 0 or > 1000
            ? Rejections.Invalid("breaker_failures", "breaker_failures must be between 1 and 1000.")
            : null);

    public static PoolSettings WithDefaults(PoolSettings pool) => pool with
    {
        Queues = pool.Queues.Count > 0
            ? pool.Queues.Distinct(StringComparer.Ordinal).ToArray()
            : [pool.Exec ? Names.Exec : Names.Default],
        Slots = pool.Slots > 0 ? pool.Slots : 1,
        BootTimeout = pool.BootTimeout ?? TimeSpan.FromSeconds(30),
        HeartbeatTimeout = pool.HeartbeatTimeout ?? TimeSpan.FromSeconds(30),
        RecycleJitter = pool.RecycleJitter ?? 0.1,
        StopGrace = pool.StopGrace ?? TimeSpan.FromSeconds(10),
        TermGrace = pool.TermGrace ?? TimeSpan.FromSeconds(5),
        RestartBackoff = pool.RestartBackoff ?? TimeSpan.FromMilliseconds(200),
        RestartBackoffMax = pool.RestartBackoffMax ?? TimeSpan.FromSeconds(30),
        BreakerFailures = pool.BreakerFailures > 0 ? pool.BreakerFailures : 3,
    };

    private static Rejection? CheckBetween(string field, TimeSpan? span, TimeSpan min, TimeSpan max) =>
        span is null || (span >= min && span <= max)
            ? null
            : Rejections.Invalid(field, $"The {field} must be between {min} and {max}.");
}
