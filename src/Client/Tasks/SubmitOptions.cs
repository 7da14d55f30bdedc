namespace Queued.Client;

/// <summary>What a task is beside its handler and its payload. Whatever is not set takes the queue's default.</summary>
public sealed record SubmitOptions
{
    /// <summary>All defaults.</summary>
    public static SubmitOptions Default { get; } = new();

    /// <summary>
    /// Name of the queue, <c>[A-Za-z0-9._-]{1,128}</c>. Null: <c>default</c>, or <c>exec</c> for the handler exec.
    /// </summary>
    public string? Queue { get; init; }

    /// <summary>
    /// -128 to 127; higher runs first. Within a priority tasks run in the order of submission. 0 by default.
    /// </summary>
    public int Priority { get; init; }

    /// <summary>Not before this long after the submit, 0 to 365 days. Not together with <see cref="RunAt"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Not before this time of the daemon's wall clock. Not together with <see cref="Delay"/>.</summary>
    public DateTimeOffset? RunAt { get; init; }

    /// <summary>What happens after failed attempts. Null: the queue's default (one attempt).</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>
    /// Hard timeout of one attempt, more than 0 to 30 days: its process is stopped. Null: the queue's default (none).
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// An attempt is asked to stop this long after its start, and stopped <see cref="Grace"/> later. Null: never.
    /// </summary>
    public TimeSpan? SoftTimeout { get; init; }

    /// <summary>
    /// Time between the polite request to stop (timeout, cancel) and the kill, 0 to 1 hour. Null: the queue's default
    /// (5 seconds).
    /// </summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>
    /// The task ends EXPIRED when its first attempt has not begun this long after it could have. Null: never.
    /// </summary>
    public TimeSpan? QueueTimeout { get; init; }

    /// <summary>
    /// 1 to 256 characters. A task with the key and the content of an earlier one in the same queue is not added again:
    /// the handle is the earlier one's. Other content is a <see cref="ConflictException"/>. With a key a submit whose
    /// answer was lost with the connection is repeated by itself.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// How long the idempotency key is remembered, from the submit, 1 second to 30 days. Null: 1 day.
    /// </summary>
    public TimeSpan? IdempotencyTtl { get; init; }

    /// <summary>
    /// 1 to 256 characters. At most <see cref="ConcurrencyLimit"/> tasks with this key in one queue run at the same
    /// time.
    /// </summary>
    public string? ConcurrencyKey { get; init; }

    /// <summary>
    /// How many tasks with the key may run at once, 1 to 10000. The key's newest task sets the limit. 1 by default.
    /// </summary>
    public int ConcurrencyLimit { get; init; } = 1;

    /// <summary>
    /// How long the finished task and its result stay readable, 0 to 30 days. With 0 it is gone at its end: those who
    /// wait for it then are told once, and where the connection breaks just then the result is lost, which their waits
    /// say with <see cref="DaemonUnavailableException"/>. Null: the queue's default (1 hour); 0 for what is run, or
    /// mapped, and waited for in one call.
    /// </summary>
    public TimeSpan? ResultTtl { get; init; }

    /// <summary>
    /// Free labels for lists and people: at most 16, keys <c>[A-Za-z0-9._-]{1,128}</c>, values at most 256 characters.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

/// <summary>
/// When and how a failed attempt is tried again. The delay before attempt n + 1 is
/// min(<see cref="InitialBackoff"/> · <see cref="Multiplier"/>^(n-1), <see cref="MaxBackoff"/>), spread by
/// <see cref="Jitter"/>. What is null takes the queue's default.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>
    /// How many attempts may fail in all before the task does, 1 to 1000. Null: the queue's default (1).
    /// </summary>
    public int? MaxAttempts { get; init; }

    /// <summary>
    /// How often the task's worker may die under it before the task fails, 1 to 1000. Null: the queue's default (3).
    /// </summary>
    public int? MaxDeliveries { get; init; }

    /// <summary>Delay after the first failed attempt, 0 to 30 days. Null: 1 second.</summary>
    public TimeSpan? InitialBackoff { get; init; }

    /// <summary>Factor from one delay to the next, 1 to 100. Null: 2.</summary>
    public double? Multiplier { get; init; }

    /// <summary>Longest delay, 0 to 30 days. Null: 5 minutes.</summary>
    public TimeSpan? MaxBackoff { get; init; }

    /// <summary>Share of the delay that is random, 0 to 1. Null: 0.2.</summary>
    public double? Jitter { get; init; }

    /// <summary>
    /// Error types (<see cref="TaskFailure.ErrorType"/>) that are never tried again. At most 32 of at most 256
    /// characters.
    /// </summary>
    public IReadOnlyList<string> NonRetryableErrorTypes { get; init; } = [];
}
