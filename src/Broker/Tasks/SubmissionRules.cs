using System.Globalization;

namespace Queued.Broker;

/// <summary>What a task must look like before anything is done with it.</summary>
internal static class SubmissionRules
{
    public static Rejection? Check(TaskSubmission task, BrokerLimits limits) =>
        CheckName("handler", task.Handler, limits) ??
        (task.Queue.Length > 0 ? CheckName("queue", task.Queue, limits) : null) ??
        CheckPayload(task.Payload, "payload.", limits) ??
        CheckPriority(task) ??
        CheckStart(task, limits) ??
        CheckRetry(task.Retry, "retry", limits) ??
        CheckSpan("timeout", task.Timeout, limits.TimeoutMax, allowZero: false) ??
        CheckSpan("soft_timeout", task.SoftTimeout, limits.TimeoutMax, allowZero: false) ??
        CheckSpan("grace", task.Grace, limits.GraceMax) ??
        CheckSpan("queue_timeout", task.QueueTimeout, limits.TimeoutMax, allowZero: false) ??
        CheckSpan("result_ttl", task.ResultTtl, limits.TtlMax) ??
        CheckKeys(task, limits) ??
        CheckText("traceparent", task.Traceparent, limits.TraceContextLengthMax) ??
        CheckText("tracestate", task.Tracestate, limits.TraceContextLengthMax) ??
        CheckLabels(task.Labels, limits) ??
        CheckFingerprint(task);

    /// <summary>The same where its terms were checked with another task.</summary>
    public static Rejection? CheckOwn(TaskSubmission task, BrokerLimits limits) =>
        CheckPayload(task.Payload, "payload.", limits) ?? CheckPriority(task) ?? CheckFingerprint(task);

    /// <summary>The same of a message, which has no handler and none of what is said to workers.</summary>
    public static Rejection? CheckMessage(TaskSubmission message, BrokerLimits limits) =>
        Rejections.CheckInline(message.Payload, "payload.") ??
        CheckPayload(message.Payload, "payload.", limits) ??
        CheckPriority(message) ??
        CheckSpan("delay", message.Delay, limits.DelayMax) ??
        CheckMessageKey(message, limits) ??
        CheckLabels(message.Labels, limits);

    public static Rejection? CheckName(string field, string name, BrokerLimits limits) =>
        Names.IsValid(name, limits.NameLengthMax) ? null : Rejections.Invalid(
            field, $"The {field} must be 1 to {limits.NameLengthMax} characters of A-Z, a-z, 0-9, '.', '_' and '-'.");

    public static Rejection? CheckSpan(string field, TimeSpan? span, TimeSpan max, bool allowZero = true)
    {
        if (span is not { } value) return null;
        if (value < TimeSpan.Zero || (value == TimeSpan.Zero && !allowZero))
            return Rejections.Invalid(field, $"The {field} must be {(allowZero ? "0 or more" : "more than 0")}.");
        return value <= max ? null : Rejections.Invalid(field, $"The {field} must be at most {max}.");
    }

    public static Rejection? CheckRetry(RetrySettings? retry, string field, BrokerLimits limits)
    {
        if (retry is null) return null;
        if (retry.MaxAttempts < 0 || retry.MaxAttempts > limits.AttemptsMax)
            return Rejections.Invalid(
                $"{field}.max_attempts", $"max_attempts must be between 1 and {limits.AttemptsMax}.");
        if (retry.MaxDeliveries < 0 || retry.MaxDeliveries > limits.AttemptsMax)
            return Rejections.Invalid(
                $"{field}.max_deliveries", $"max_deliveries must be between 1 and {limits.AttemptsMax}.");
        if (retry.Multiplier is not 0 and not (>= 1 and <= 100))
            return Rejections.Invalid($"{field}.multiplier", "The multiplier must be between 1 and 100.");
        if (retry.Jitter is not null and not (>= 0 and <= 1))
            return Rejections.Invalid($"{field}.jitter", "The jitter must be between 0 and 1.");
        if (retry.NonRetryableErrorTypes.Count > limits.NonRetryableErrorTypesMax ||
            retry.NonRetryableErrorTypes.Any(type => type.Length is 0 or > 256))
        {
            return Rejections.Invalid(
                $"{field}.non_retryable_error_types",
                $"There may be {limits.NonRetryableErrorTypesMax} error types of 1 to 256 characters.");
        }

        return CheckSpan($"{field}.initial_backoff", retry.InitialBackoff, limits.TimeoutMax) ??
            CheckSpan($"{field}.max_backoff", retry.MaxBackoff, limits.TimeoutMax);
    }

    private static Rejection? CheckFingerprint(TaskSubmission task) =>
        task is { IdempotencyKey: not null, Payload.Range.Fingerprint: var fingerprint } && fingerprint == default
            ? Rejections.Invalid(
                "payload.segment.fingerprint",
                "A task with an idempotency key and a payload in a segment needs payload.segment.fingerprint, " +
                "to tell " +
                "whether another task has the same content.")
            : null;

    /// <param name="path">Of the payload in the request, with its dot.</param>
    public static Rejection? CheckPayload(TaskPayload payload, string path, BrokerLimits limits)
    {
        if (payload.Range is null && payload.Length > limits.PayloadBytesMax)
        {
            return new Rejection(
                RejectionReason.PayloadTooLarge,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The payload has {payload.Length} bytes; at most {limits.PayloadBytesMax} are taken. " +
                    $"Pass a reference instead."),
                path + "data", nameof(BrokerLimits.PayloadBytesMax));
        }

        return CheckText(path + "content_type", payload.ContentType, limits.ContentTypeLengthMax);
    }

    private static Rejection? CheckPriority(TaskSubmission task) => task.Priority is < -128 or > 127
        ? Rejections.Invalid("priority", "The priority must be between -128 and 127.")
        : null;

    private static Rejection? CheckMessageKey(TaskSubmission message, BrokerLimits limits)
    {
        if (message.IdempotencyKey is { } key && key.Length > limits.KeyLengthMax)
            return Rejections.Invalid("idempotency_key", $"The key must be at most {limits.KeyLengthMax} characters.");
        return message.IdempotencyTtl is { } ttl && (ttl <= TimeSpan.Zero || ttl > limits.TtlMax)
            ? Rejections.Invalid("idempotency_ttl", $"The ttl must be more than 0 and at most {limits.TtlMax}.")
            : null;
    }

    private static Rejection? CheckStart(TaskSubmission task, BrokerLimits limits) =>
        task.Delay is not null && task.RunAt is not null
            ? Rejections.Invalid("delay", "Give a delay or a run_at, not both.")
            : CheckSpan("delay", task.Delay, limits.DelayMax);

    private static Rejection? CheckKeys(TaskSubmission task, BrokerLimits limits)
    {
        if (task.IdempotencyKey is { } one && (one.Length == 0 || one.Length > limits.KeyLengthMax))
            return Rejections.Invalid("idempotency_key.key", $"The key must be 1 to {limits.KeyLengthMax} characters.");
        if (task.IdempotencyTtl is { } ttl && (ttl < TimeSpan.FromSeconds(1) || ttl > limits.TtlMax))
            return Rejections.Invalid("idempotency_key.ttl", $"The ttl must be between 1 second and {limits.TtlMax}.");
        if (task.ConcurrencyKey is { } other && (other.Length == 0 || other.Length > limits.KeyLengthMax))
            return Rejections.Invalid("concurrency_key.key", $"The key must be 1 to {limits.KeyLengthMax} characters.");
        return task.ConcurrencyLimit is < 0 or > 10_000
            ? Rejections.Invalid("concurrency_key.limit", "The limit must be between 1 and 10000.")
            : null;
    }

    private static Rejection? CheckText(string field, string text, int max) =>
        text.Length <= max ? null : Rejections.Invalid(field, $"The {field} must be at most {max} characters.");

    private static Rejection? CheckLabels(IReadOnlyDictionary<string, string>? labels, BrokerLimits limits)
    {
        if (labels is null) return null;
        if (labels.Count > limits.LabelsMax)
            return Rejections.Invalid("labels", $"There may be {limits.LabelsMax} labels.");
        foreach (var (name, value) in labels)
        {
            if (!Names.IsValid(name, limits.NameLengthMax) || value.Length > limits.LabelValueLengthMax)
            {
                return Rejections.Invalid(
                    "labels",
                    $"A label's name is a name, its value at most {limits.LabelValueLengthMax} characters: '{name}'.");
            }
        }

        return null;
    }
}
