using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal static partial class ProtoMapping
{
    /// <summary>Of a queue that is declared: as durable as the daemon can, unless it says otherwise.</summary>
    public static QueueSettings ToSettings(Wire.QueuePolicy? policy, bool hasStore, ref FieldCheck check) =>
        ToSettings(policy, hasStore, hasStore ? Durability.Fsync : Durability.Memory, ref check);

    /// <param name="policy">As it was sent. Null: all defaults.</param>
    /// <param name="hasStore">Queues can be durable.</param>
    /// <param name="unsaid">The durability where none is named.</param>
    /// <param name="check">Finds what cannot be read.</param>
    public static QueueSettings ToSettings(
        Wire.QueuePolicy? policy, bool hasStore, Durability unsaid, ref FieldCheck check)
    {
        if (policy is null) return new QueueSettings { Durability = unsaid };

        var durability = policy.Durability == Wire.Durability.Unspecified ? unsaid : FromWire(policy.Durability);
        if (durability is null)
        {
            check.Reject(
                "policy.durability",
                $"policy.durability is {(int)policy.Durability}, which is no durability of this version.");
        }
        else if (durability != Durability.Memory && !hasStore)
        {
            check.Reject(
                "policy.durability", "This daemon has no store: its queues are MEMORY. Leave the durability out.");
        }

        if (!System.Enum.IsDefined(policy.Kind))
            check.Reject("policy.kind", $"policy.kind is {(int)policy.Kind}, which is no kind of this version.");
        if (!System.Enum.IsDefined(policy.Order))
            check.Reject("policy.order", $"policy.order is {(int)policy.Order}, which is no order of this version.");
        return new QueueSettings
        {
            Durability = durability ?? unsaid,
            TasksMax = FieldCheck.Long(policy.TasksMax),
            BytesMax = FieldCheck.Long(policy.BytesMax),
            Retry = ToRetry(policy.Retry, "policy.retry.", ref check),
            Timeout = check.Duration(policy.Timeout, "policy.timeout"),
            Grace = check.Duration(policy.Grace, "policy.grace"),
            ResultTtl = check.Duration(policy.ResultTtl, "policy.result_ttl"),
            RunningMax = FieldCheck.Int(policy.RunningMax),
            DeadMax = FieldCheck.Int(policy.DeadMax),
            Kind = FromWire(policy.Kind),
            Order = FromWire(policy.Order),
        };
    }

    public static Wire.QueueInfo ToWire(QueueView queue) => new()
    {
        Name = queue.Name,
        Policy = ToWire(queue.Settings),
        State = ToWire(queue.State),
        ScheduledCount = (ulong)queue.Scheduled,
        QueuedCount = (ulong)queue.Queued,
        RunningCount = (ulong)queue.Running,
        RetryingCount = (ulong)queue.Retrying,
        DeadCount = (ulong)queue.Dead,
        PayloadBytes = (ulong)queue.PayloadBytes,
        SucceededTotal = (ulong)queue.SucceededTotal,
        FailedTotal = (ulong)queue.FailedTotal,
        CancelledTotal = (ulong)queue.CancelledTotal,
        OldestQueuedAt = ToWire(queue.OldestQueuedAt),
        Pools = { queue.Pools },
        Ephemeral = queue.IsEphemeral,
        WaitingGetters = (uint)queue.WaitingGetters,
        WaitingPutters = (uint)queue.WaitingPutters,
    };

    private static Wire.QueuePolicy ToWire(QueueSettings settings) => new()
    {
        Durability = ToWire(settings.Durability),
        TasksMax = (ulong)settings.TasksMax,
        BytesMax = (ulong)settings.BytesMax,
        Retry = settings.Retry is { } retry ? ToWire(retry) : null,
        Timeout = ToWire(settings.Timeout),
        Grace = ToWire(settings.Grace),
        ResultTtl = ToWire(settings.ResultTtl),
        RunningMax = (uint)settings.RunningMax,
        DeadMax = (uint)settings.DeadMax,
        Kind = settings.Kind == QueueKind.Messages ? Wire.QueueKind.Messages : Wire.QueueKind.Tasks,
        Order = settings.Order == QueueOrder.Lifo ? Wire.QueueOrder.Lifo : Wire.QueueOrder.Fifo,
    };

    private static QueueKind? FromWire(Wire.QueueKind kind) => kind switch
    {
        Wire.QueueKind.Tasks => QueueKind.Tasks,
        Wire.QueueKind.Messages => QueueKind.Messages,
        _ => null,
    };

    private static QueueOrder? FromWire(Wire.QueueOrder order) => order switch
    {
        Wire.QueueOrder.Fifo => QueueOrder.Fifo,
        Wire.QueueOrder.Lifo => QueueOrder.Lifo,
        _ => null,
    };

    private static Wire.RetryPolicy ToWire(RetrySettings retry)
    {
        var wire = new Wire.RetryPolicy
        {
            MaxAttempts = (uint)retry.MaxAttempts,
            MaxDeliveries = (uint)retry.MaxDeliveries,
            InitialBackoff = ToWire(retry.InitialBackoff),
            Multiplier = retry.Multiplier,
            MaxBackoff = ToWire(retry.MaxBackoff),
            NonRetryableErrorTypes = { retry.NonRetryableErrorTypes },
        };
        if (retry.Jitter is { } jitter) wire.Jitter = jitter;
        return wire;
    }
}
