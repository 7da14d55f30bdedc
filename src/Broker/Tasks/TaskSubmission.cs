namespace Queued.Broker;

/// <summary>
/// A task as a client asks for it: its terms, and what is its own. Who sets one of the terms here gives the task terms
/// of its own; hundreds of tasks with the same ones are made from these.
/// </summary>
public sealed record TaskSubmission
{
    private static readonly TaskTerms None = new() { Handler = "" };

    public TaskSubmission() => Terms = None;

    public TaskSubmission(TaskTerms terms) => Terms = terms;

    public TaskTerms Terms { get; private init; }

    /// <summary>The submitter's own number, given back with the outcome.</summary>
    public ulong Tag { get; init; }

    /// <summary>The submitting session is told of the outcome.</summary>
    public bool WantsOutcome { get; init; }

    public TaskPayload Payload { get; init; } = TaskPayload.Empty;

    /// <summary>-128 to 127; higher runs first.</summary>
    public int Priority { get; init; }

    public string Handler { get => Terms.Handler; init => Terms = Terms with { Handler = value }; }

    public string Queue { get => Terms.Queue; init => Terms = Terms with { Queue = value }; }

    public TimeSpan? Delay { get => Terms.Delay; init => Terms = Terms with { Delay = value }; }

    public DateTimeOffset? RunAt { get => Terms.RunAt; init => Terms = Terms with { RunAt = value }; }

    public RetrySettings? Retry { get => Terms.Retry; init => Terms = Terms with { Retry = value }; }

    public TimeSpan? Timeout { get => Terms.Timeout; init => Terms = Terms with { Timeout = value }; }

    public TimeSpan? SoftTimeout { get => Terms.SoftTimeout; init => Terms = Terms with { SoftTimeout = value }; }

    public TimeSpan? Grace { get => Terms.Grace; init => Terms = Terms with { Grace = value }; }

    public TimeSpan? QueueTimeout { get => Terms.QueueTimeout; init => Terms = Terms with { QueueTimeout = value }; }

    public string? IdempotencyKey
    {
        get => Terms.IdempotencyKey;
        init => Terms = Terms with { IdempotencyKey = value };
    }

    public TimeSpan? IdempotencyTtl
    {
        get => Terms.IdempotencyTtl;
        init => Terms = Terms with { IdempotencyTtl = value };
    }

    public string? ConcurrencyKey
    {
        get => Terms.ConcurrencyKey;
        init => Terms = Terms with { ConcurrencyKey = value };
    }

    public int ConcurrencyLimit
    {
        get => Terms.ConcurrencyLimit;
        init => Terms = Terms with { ConcurrencyLimit = value };
    }

    public TimeSpan? ResultTtl { get => Terms.ResultTtl; init => Terms = Terms with { ResultTtl = value }; }

    public string Traceparent { get => Terms.Traceparent; init => Terms = Terms with { Traceparent = value }; }

    public string Tracestate { get => Terms.Tracestate; init => Terms = Terms with { Tracestate = value }; }

    public IReadOnlyDictionary<string, string>? Labels
    {
        get => Terms.Labels;
        init => Terms = Terms with { Labels = value };
    }
}

/// <summary>A retry policy as given; null and 0 take the default.</summary>
public sealed record RetrySettings
{
    public int MaxAttempts { get; init; }

    public int MaxDeliveries { get; init; }

    public TimeSpan? InitialBackoff { get; init; }

    public double Multiplier { get; init; }

    public TimeSpan? MaxBackoff { get; init; }

    public double? Jitter { get; init; }

    public IReadOnlyList<string> NonRetryableErrorTypes { get; init; } = [];

    /// <summary>By what it says: each submission brings a list of its own.</summary>
    public bool Equals(RetrySettings? other) =>
        other is not null && MaxAttempts == other.MaxAttempts && MaxDeliveries == other.MaxDeliveries &&
        InitialBackoff == other.InitialBackoff && Multiplier.Equals(other.Multiplier) &&
        MaxBackoff == other.MaxBackoff && Nullable.Equals(Jitter, other.Jitter) &&
        NonRetryableErrorTypes.SequenceEqual(other.NonRetryableErrorTypes, StringComparer.Ordinal);

    public override int GetHashCode() => HashCode.Combine(
        MaxAttempts, MaxDeliveries, InitialBackoff, Multiplier, MaxBackoff, Jitter, NonRetryableErrorTypes.Count);
}

/// <summary>Whether one task was taken, and as which.</summary>
/// <param name="Tag">The submitter's number for it.</param>
/// <param name="Id">Its number; default where it was refused.</param>
/// <param name="Deduplicated">An earlier task has this number.</param>
/// <param name="Rejection">Why it was refused; null where it was taken.</param>
public readonly record struct SubmitResult(ulong Tag, TaskId Id, bool Deduplicated, Rejection? Rejection);
