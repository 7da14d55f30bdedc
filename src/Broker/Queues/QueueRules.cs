namespace Queued.Broker;

/// <summary>What a queue's settings must look like.</summary>
internal static class QueueRules
{
    public const int DeadMaxDefault = 10_000;

    public const int DeadMaxMost = 1_000_000;

    public static Rejection? Check(string name, QueueSettings settings, BrokerLimits limits) =>
        SubmissionRules.CheckName("name", name, limits) ??
        (!Enum.IsDefined(settings.Durability)
            ? Rejections.Invalid("durability", "There is no such durability.")
            : null) ??
        (settings.TasksMax < 0 || settings.TasksMax > limits.TasksMax
            ? Rejections.Invalid("tasks_max", $"tasks_max must be between 0 and {limits.TasksMax}.")
            : null) ??
        (settings.BytesMax < 0 || settings.BytesMax > limits.PayloadBytesTotalMax
            ? Rejections.Invalid("bytes_max", $"bytes_max must be between 0 and {limits.PayloadBytesTotalMax}.")
            : null) ??
        SubmissionRules.CheckRetry(settings.Retry, "retry", limits) ??
        SubmissionRules.CheckSpan("timeout", settings.Timeout, limits.TimeoutMax, allowZero: false) ??
        SubmissionRules.CheckSpan("grace", settings.Grace, limits.GraceMax) ??
        SubmissionRules.CheckSpan("result_ttl", settings.ResultTtl, limits.TtlMax) ??
        (settings.RunningMax < 0 ? Rejections.Invalid("running_max", "running_max must be 0 or more.") : null) ??
        (settings.DeadMax < 0 || settings.DeadMax > DeadMaxMost
            ? Rejections.Invalid("dead_max", $"dead_max must be between 0 and {DeadMaxMost}.")
            : null) ??
        (settings.Order == QueueOrder.Lifo && settings.Kind != QueueKind.Messages
            ? Rejections.Invalid("order", "Only a queue of messages can be LIFO. Say that its kind is MESSAGES.")
            : null) ??
        (settings is { Kind: QueueKind.Messages, Timeout: not null }
            ? Rejections.Invalid("timeout", "Messages have no timeout: a get says how long its lease lasts.")
            : null);
}
