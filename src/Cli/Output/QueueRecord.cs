using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A queue in JSON.</summary>
internal sealed record QueueRecord
{
    public required string Name { get; init; }

    public required string State { get; init; }

    public required long ScheduledCount { get; init; }

    public required long QueuedCount { get; init; }

    public required long RunningCount { get; init; }

    public required long RetryingCount { get; init; }

    public required long DeadCount { get; init; }

    public required long PayloadBytes { get; init; }

    public required long SucceededTotal { get; init; }

    public required long FailedTotal { get; init; }

    public required long CancelledTotal { get; init; }

    public DateTimeOffset? OldestQueuedAt { get; init; }

    public required IReadOnlyList<string> Pools { get; init; }

    public bool? Ephemeral { get; init; }

    public required int WaitingGetters { get; init; }

    public required int WaitingPutters { get; init; }

    public required QueuePolicyRecord Policy { get; init; }

    public static QueueRecord From(QueueInfo queue) => new()
    {
        Name = queue.Name,
        State = Words.Name(queue.State),
        ScheduledCount = queue.ScheduledCount,
        QueuedCount = queue.QueuedCount,
        RunningCount = queue.RunningCount,
        RetryingCount = queue.RetryingCount,
        DeadCount = queue.DeadCount,
        PayloadBytes = queue.PayloadBytes,
        SucceededTotal = queue.SucceededTotal,
        FailedTotal = queue.FailedTotal,
        CancelledTotal = queue.CancelledTotal,
        OldestQueuedAt = queue.OldestQueuedAt,
        Pools = queue.Pools,
        Ephemeral = queue.Ephemeral ? true : null,
        WaitingGetters = queue.WaitingGetters,
        WaitingPutters = queue.WaitingPutters,
        Policy = QueuePolicyRecord.From(queue.Policy),
    };
}

/// <summary>The settings of a queue in JSON, durations in seconds. What is not set is not there.</summary>
internal sealed record QueuePolicyRecord
{
    public required string Durability { get; init; }

    public required string Kind { get; init; }

    public required string Order { get; init; }

    public long? TasksMax { get; init; }

    public long? BytesMax { get; init; }

    public int? RunningMax { get; init; }

    public int? DeadMax { get; init; }

    public double? TimeoutSeconds { get; init; }

    public double? GraceSeconds { get; init; }

    public double? ResultTtlSeconds { get; init; }

    public RetryRecord? Retry { get; init; }

    public static QueuePolicyRecord From(QueuePolicy policy) => new()
    {
        Durability = Words.Name(policy.Durability),
        Kind = Words.Name(policy.Kind),
        Order = Words.Name(policy.Order),
        TasksMax = policy.TasksMax,
        BytesMax = policy.BytesMax,
        RunningMax = policy.RunningMax,
        DeadMax = policy.DeadMax,
        TimeoutSeconds = policy.Timeout?.TotalSeconds,
        GraceSeconds = policy.Grace?.TotalSeconds,
        ResultTtlSeconds = policy.ResultTtl?.TotalSeconds,
        Retry = policy.Retry is { } retry ? RetryRecord.From(retry) : null,
    };
}

/// <summary>A retry policy in JSON.</summary>
internal sealed record RetryRecord
{
    public int? MaxAttempts { get; init; }

    public int? MaxDeliveries { get; init; }

    public double? InitialBackoffSeconds { get; init; }

    public double? Multiplier { get; init; }

    public double? MaxBackoffSeconds { get; init; }

    public double? Jitter { get; init; }

    public static RetryRecord From(RetryPolicy retry) => new()
    {
        MaxAttempts = retry.MaxAttempts,
        MaxDeliveries = retry.MaxDeliveries,
        InitialBackoffSeconds = retry.InitialBackoff?.TotalSeconds,
        Multiplier = retry.Multiplier,
        MaxBackoffSeconds = retry.MaxBackoff?.TotalSeconds,
        Jitter = retry.Jitter,
    };
}
