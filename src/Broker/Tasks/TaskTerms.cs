namespace Queued.Broker;

/// <summary>
/// What tasks are asked for with, apart from what they are about: tasks that come together mostly share it. What is
/// null takes the queue's default.
/// </summary>
public sealed record TaskTerms
{
    public required string Handler { get; init; }

    /// <summary>Empty: <c>default</c>, or <c>exec</c> for the handler <c>exec</c>.</summary>
    public string Queue { get; init; } = "";

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
