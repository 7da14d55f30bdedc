using System.Globalization;

namespace Queued.Broker;

/// <summary>What commands about messages must look like, and how they are answered.</summary>
internal static class MessageRules
{
    /// <summary>More than of tasks: a nack is an everyday thing, and counts.</summary>
    public const int MaxDeliveriesDefault = 20;

    private static readonly TimeSpan LeaseMin = TimeSpan.FromSeconds(1);

    /// <summary>What a message that waits to be put keeps beside its payload, about.</summary>
    private const int WaitingOverhead = 64;

    public static long BytesOf(IReadOnlyList<TaskSubmission> messages, int from, int to)
    {
        var bytes = 0L;
        for (; from < to; from++) bytes += messages[from].Payload.Length + WaitingOverhead;
        return bytes;
    }

    public static Rejection? Check(IReadOnlyList<TaskSubmission> messages, BrokerLimits limits)
    {
        if (CheckBatch("messages", messages.Count, limits) is { } mistake) return mistake;
        for (var index = 0; index < messages.Count; index++)
        {
            if (SubmissionRules.CheckMessage(messages[index], limits) is { } bad) return At(index, bad);
        }

        return null;
    }

    /// <summary>The rejection of one message, with the path of its field from the request on.</summary>
    public static Rejection At(int index, Rejection rejection) => rejection with
    {
        Field = string.Create(CultureInfo.InvariantCulture, $"messages[{index}].{rejection.Field}"),
    };

    /// <summary>One that would not fit into the empty queue must not wait for room.</summary>
    public static Rejection? CheckSize(QueueEntry queue, TaskSubmission message, int index) =>
        queue.BytesMax == 0 || message.Payload.Length <= queue.BytesMax ? null : At(index, new Rejection(
            RejectionReason.PayloadTooLarge,
            string.Create(CultureInfo.InvariantCulture,
                $"The message has {message.Payload.Length} bytes, and the bytes_max of the queue '{queue.Name}' is " +
                $"{queue.BytesMax}. Raise it, or send less."),
            "payload.data", "bytes_max"));

    public static Rejection? Check(Command.GetMessages get, BrokerLimits limits) =>
        (get.Max == 0 ? null : CheckBatch("messages_max", get.Max, limits)) ??
        (get is { IsAutoAck: true, Lease: not null }
            ? Rejections.Invalid("lease", "With auto_ack there is no lease. Leave one of them out.")
            : CheckLease("lease", get.Lease, limits));

    public static Rejection? CheckBatch(string field, int count, BrokerLimits limits) =>
        count < 1
            ? Rejections.Invalid(field, $"{field} must have, or be, at least 1.")
            : count > limits.MessageBatchMax
                ? Rejections.Limit(nameof(BrokerLimits.MessageBatchMax), limits.MessageBatchMax,
                    "messages in one call") with
                { Field = field }
                : null;

    public static Rejection? CheckLease(string field, TimeSpan? lease, BrokerLimits limits) =>
        lease is { } span && (span < LeaseMin || span > limits.TimeoutMax)
            ? Rejections.Invalid(field, $"A lease is 1 second to {limits.TimeoutMax}.")
            : null;

    public static Rejection? CheckReason(string reason, BrokerLimits limits) =>
        reason.Length <= limits.ReasonLengthMax
            ? null
            : Rejections.Invalid("reason", $"The reason must be at most {limits.ReasonLengthMax} characters.");

    public static Rejection WrongKind(QueueEntry queue, string field = "queue") => new(
        RejectionReason.WrongKind,
        queue.Kind == QueueKind.Messages
            ? $"The queue '{queue.Name}' holds messages, which no worker runs. Name a queue of tasks."
            : $"The queue '{queue.Name}' holds tasks. Name a queue of messages, or declare one.",
        field, queue.Name);

    public static Rejection LeaseStale(AttemptId delivery) => new(
        RejectionReason.GrantStale,
        $"Delivery {delivery.Attempt} of message {delivery.Task} is not, or no longer, held by the session: it was " +
        "settled, its lease ended, or the message was purged.",
        Resource: delivery.Task.ToString());

    public static Rejection QueueFull(QueueEntry queue, TaskSubmission message) =>
        queue.TasksMax > 0 && queue.CountedTasks >= queue.TasksMax
            ? Rejections.QueueFull(queue, "tasks_max", queue.TasksMax)
            : queue.BytesMax > 0 && queue.CountedBytes + message.Payload.Length > queue.BytesMax
                ? Rejections.QueueFull(queue, "bytes_max", queue.BytesMax)
                : new Rejection(
                    RejectionReason.QueueFull,
                    $"Others wait for room in the queue '{queue.Name}', and come first. Try again later.", "queue",
                    queue.Name);

    /// <summary>
    /// A put of nothing is a refusal; the first ones of several stay, and the refusal is told with them.
    /// </summary>
    public static Response Outcome(TaskId[] ids, int done, Rejection? refusal) => refusal is not null && done == 0
        ? new Response.Rejected(refusal)
        : new Response.MessagesPut(ids.AsMemory(0, done), refusal);
}
