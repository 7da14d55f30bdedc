namespace Queued.Broker;

/// <summary>A task as a client asks for it. What is null takes the queue's default.</summary>
public sealed record TaskSubmission
{
    /// <summary>The submitter's own number, given back with the outcome.</summary>
    public ulong Tag { get; init; }

    /// <summary>The submitting session is told of the outcome.</summary>
    public bool WantsOutcome { get; init; }

    public required string Handler { get; init; }

    /// <summary>Empty: <c>default</c>, or <c>exec</c> for the handler <c>exec</c>.</summary>
    public string Queue { get; init; } = "";

    public TaskPayload Payload { get; init; } = TaskPayload.Empty;

    /// <summary>-128 to 127; higher runs first.</summary>
    public int Priority { get; init; }

    public TimeSpan? Delay { get; init; }

    public DateTimeOffset? RunAt { get; init; }

    public RetrySettings? Retry { get; init; }

    public TimeSpan? Timeout { get; init; }

    public TimeSpan? SoftTimeout { get; init; }

    public TimeSpan? Grace { get; init; }

    public TimeSpan? QueueTimeout { get; init; }

    public string? IdempotencyKey { get; init; }

    public TimeSpan? IdempotencyTtl { get; init; }

    public string? ConcurrencyKey { get; init; }

    /// <summary>0: 1.</summary>
    public int ConcurrencyLimit { get; init; }

    public TimeSpan? ResultTtl { get; init; }

    public string Traceparent { get; init; } = "";

    public string Tracestate { get; init; } = "";

    public IReadOnlyDictionary<string, string>? Labels { get; init; }
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
