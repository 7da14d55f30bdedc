using System.Globalization;

namespace Queued.Broker;

/// <summary>The refusals that several commands share, in one wording.</summary>
internal static class Rejections
{
    public static Rejection Invalid(string field, string message) =>
        new(RejectionReason.InvalidRequest, message, field);

    public static Rejection Limit(string limit, long value, string what) => new(
        RejectionReason.LimitReached,
        string.Create(CultureInfo.InvariantCulture,
            $"There are at most {value} {what} ({limit}). Try again when there are fewer."),
        Resource: limit);

    public static Rejection QueueFull(QueueEntry queue, string limit, long value) => new(
        RejectionReason.QueueFull,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The queue '{queue.Name}' is full: its {limit} is {value}. Try again when tasks have ended, or raise it."),
        "queue", limit);

    public static Rejection StoreFull(QueueEntry queue) => new(
        RejectionReason.StoreFull,
        $"The disk has too little room for new tasks, and the queue '{queue.Name}' is durable. What runs can end. " +
        "Make room where the daemon's data is.",
        "queue", queue.Name, TimeSpan.FromSeconds(5));

    public static Rejection StoreStuck() => new(
        RejectionReason.StoreFull,
        "The disk has no room for what has happened already, so nothing can be changed that is stored. Make room " +
        "where the daemon's data is.",
        RetryAfter: TimeSpan.FromSeconds(5));

    public static Rejection QueueDrained(QueueEntry queue) => new(
        RejectionReason.QueueDraining,
        $"The queue '{queue.Name}' drains and has given all that it had. Resume it first.",
        "queue", queue.Name);

    public static Rejection IdempotencyConflict(string key, TaskId first) => new(
        RejectionReason.IdempotencyConflict,
        $"The idempotency key '{key}' was used for task {first} with other content. Use another key.",
        "idempotency_key", first.ToString());

    public static Rejection DaemonDraining() => new(
        RejectionReason.DaemonDraining,
        "The daemon is shutting down and takes nothing new. Try again when it is back.");

    public static Rejection TaskNotFound(TaskId task) => new(
        RejectionReason.TaskNotFound, $"There is no task {task}, or its result was kept for long enough.", "task_id",
        task.ToString());

    public static Rejection QueueNotFound(string name) => new(
        RejectionReason.QueueNotFound, $"There is no queue '{name}'. Declare it first.", "queue", name);

    public static Rejection PoolNotFound(string name) =>
        new(RejectionReason.PoolNotFound, $"There is no pool '{name}'.", "name", name);

    public static Rejection WorkerNotFound(WorkerId worker) =>
        new(RejectionReason.WorkerNotFound, $"There is no worker {worker}.", "worker_id", worker.ToString());

    /// <summary>Only payloads and results of tasks go by shared memory.</summary>
    public static Rejection? CheckInline(TaskPayload payload, string path) => payload.Range is null
        ? null
        : Invalid(path + "segment", "Only the payload of a task can be in a segment. Send the bytes in data.");

    public static Rejection SessionNotFound(SessionId session) => new(
        RejectionReason.SessionNotFound, "The session has ended. Open another, and take again what is needed.",
        "session_id", session.ToString());

    public static Rejection NoMessageQueue(string name) => new(
        RejectionReason.WrongKind, $"The queue '{name}' holds tasks. Only queues of messages can be waited for.",
        "queue", name);

    public static Rejection EventNotFound(string name) => new(
        RejectionReason.StateNotFound, $"There is no event '{name}'. Use it first.", "event", name);

    public static Rejection WaitCancelled() => new(RejectionReason.WaitCancelled, "The wait was called off.");

    public static Rejection AttemptStale(AttemptId attempt, WorkerId worker) => new(
        RejectionReason.AttemptStale, $"Attempt {attempt} is not, or no longer, run by {worker}. Forget it.",
        Resource: attempt.ToString());
}
