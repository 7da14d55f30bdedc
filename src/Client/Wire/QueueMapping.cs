using Proto = Queued.Protocol.V1;

namespace Queued.Client.Wire;

/// <summary>Queues between the contract and this SDK's types.</summary>
internal static class QueueMapping
{
    public static Proto.QueuePolicy ToWire(this QueuePolicy policy) => new()
    {
        Durability = (Proto.Durability)policy.Durability,
        TasksMax = (policy.TasksMax ?? 0).ToCount("policy.tasks_max"),
        BytesMax = (policy.BytesMax ?? 0).ToCount("policy.bytes_max"),
        Retry = policy.Retry?.ToWire("policy.retry"),
        Timeout = policy.Timeout.ToDuration(),
        Grace = policy.Grace.ToDuration(),
        ResultTtl = policy.ResultTtl.ToDuration(),
        RunningMax = (policy.RunningMax ?? 0).ToCount("policy.running_max"),
        DeadMax = (policy.DeadMax ?? 0).ToCount("policy.dead_max"),
        Kind = (Proto.QueueKind)policy.Kind,
        Order = (Proto.QueueOrder)policy.Order,
    };

    public static QueueInfo ToInfo(this Proto.QueueInfo wire) => new()
    {
        Name = wire.Name,
        Policy = wire.Policy?.ToPolicy() ?? new QueuePolicy(),
        State = wire.State is >= Proto.QueueState.Active and <= Proto.QueueState.Draining
            ? (QueueState)wire.State
            : QueueState.Unknown,
        ScheduledCount = (long)wire.ScheduledCount,
        QueuedCount = (long)wire.QueuedCount,
        RunningCount = (long)wire.RunningCount,
        RetryingCount = (long)wire.RetryingCount,
        DeadCount = (long)wire.DeadCount,
        PayloadBytes = (long)wire.PayloadBytes,
        SucceededTotal = (long)wire.SucceededTotal,
        FailedTotal = (long)wire.FailedTotal,
        CancelledTotal = (long)wire.CancelledTotal,
        OldestQueuedAt = wire.OldestQueuedAt.ToTime(),
        Pools = [.. wire.Pools],
        Ephemeral = wire.Ephemeral,
        WaitingGetters = (int)wire.WaitingGetters,
        WaitingPutters = (int)wire.WaitingPutters,
    };

    private static QueuePolicy ToPolicy(this Proto.QueuePolicy wire) => new()
    {
        Durability = wire.Durability is >= Proto.Durability.Memory and <= Proto.Durability.Fsync
            ? (Durability)wire.Durability
            : Durability.Default,
        TasksMax = wire.TasksMax.NullIfZero(),
        BytesMax = wire.BytesMax.NullIfZero(),
        Retry = wire.Retry?.ToRetryPolicy(),
        Timeout = wire.Timeout.ToSpan(),
        Grace = wire.Grace.ToSpan(),
        ResultTtl = wire.ResultTtl.ToSpan(),
        RunningMax = wire.RunningMax.NullIfZero(),
        DeadMax = wire.DeadMax.NullIfZero(),
        Kind = wire.Kind is Proto.QueueKind.Tasks or Proto.QueueKind.Messages
            ? (QueueKind)wire.Kind
            : QueueKind.Default,
        Order = wire.Order is Proto.QueueOrder.Fifo or Proto.QueueOrder.Lifo
            ? (QueueOrder)wire.Order
            : QueueOrder.Default,
    };
}
