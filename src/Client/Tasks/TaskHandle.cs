using Queued.Client.Streams;

namespace Queued.Client;

/// <summary>A submitted task. Thread-safe; costs nothing to drop.</summary>
/// <remarks>Every method throws what its counterpart in <see cref="IQueuedClient"/> throws.</remarks>
public class TaskHandle
{
    private readonly OutcomeWait? _outcome;

    /// <summary>A handle on a task by its number.</summary>
    /// <param name="client">The client that asks for it.</param>
    /// <param name="id">Its number.</param>
    /// <param name="deduplicated">Whether the submit found an earlier task.</param>
    public TaskHandle(IQueuedClient client, TaskId id, bool deduplicated = false)
    {
        ArgumentNullException.ThrowIfNull(client);
        Client = client;
        Id = id;
        Deduplicated = deduplicated;
    }

    /// <param name="client">The client that asks for it.</param>
    /// <param name="submitted">The submit; it knows whether its outcome comes by itself.</param>
    internal TaskHandle(QueuedClient client, SubmittedTask submitted)
        : this(client, submitted.Id, submitted.Deduplicated) => _outcome = submitted.Outcome;

    /// <summary>The task's number.</summary>
    public TaskId Id { get; }

    /// <summary>True: an earlier task with the same idempotency key has this number; nothing was added.</summary>
    public bool Deduplicated { get; }

    private protected IQueuedClient Client { get; }

    /// <summary>
    /// Waits for the end of the task, however it ends. The daemon is asked once; later calls get the same answer.
    /// </summary>
    /// <param name="cancellationToken">Stops the wait; the task goes on.</param>
    public Task<TaskOutcome> WaitAsync(CancellationToken cancellationToken = default) =>
        _outcome is null ? Client.WaitAsync(Id, cancellationToken) : _outcome.WaitAsync(cancellationToken);

    /// <summary>Waits for the task's result.</summary>
    /// <param name="cancellationToken">Stops the wait; the task goes on.</param>
    /// <exception cref="TaskUnsuccessfulException">The task ended without one; the leaves say how.</exception>
    public async Task<TaskPayload> GetResultAsync(CancellationToken cancellationToken = default)
    {
        var outcome = await WaitAsync(cancellationToken).ConfigureAwait(false);
        outcome.EnsureSuccess();
        return outcome.Result ?? TaskPayload.Empty;
    }

    /// <summary>Cancels the task: a queued one ends at once, a running one is asked to stop, then made to.</summary>
    /// <param name="reason">One line for people, kept in the failure. At most 1 KiB. Null: none.</param>
    /// <param name="grace">Time between the polite request and the kill, 0 to 1 hour. Null: the task's grace.</param>
    /// <param name="cancellationToken">Stops the call, not the cancel.</param>
    /// <exception cref="PreconditionFailedException">It has ended.</exception>
    public Task<TaskInfo> CancelAsync(
        string? reason = null, TimeSpan? grace = null, CancellationToken cancellationToken = default) =>
        Client.CancelTaskAsync(Id, reason, grace, cancellationToken);

    /// <summary>Reads what the daemon knows of the task.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    public Task<TaskInfo> GetInfoAsync(CancellationToken cancellationToken = default) =>
        Client.GetTaskAsync(Id, includePayload: false, cancellationToken);

    /// <summary>
    /// Gives every change of the task (state, progress), from its present state to its final one, then ends.
    /// </summary>
    /// <param name="cancellationToken">Stops the watch; the task goes on.</param>
    public IAsyncEnumerable<TaskInfo> WatchAsync(CancellationToken cancellationToken = default) =>
        Client.WatchTaskAsync(Id, cancellationToken);

    /// <summary>Reads what the task's attempts wrote to stdout, stderr and their log.</summary>
    /// <param name="follow">True: go on until the task reaches its final state.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IAsyncEnumerable<TaskLogEntry> ReadLogsAsync(
        bool follow = false, CancellationToken cancellationToken = default) =>
        Client.ReadTaskLogsAsync(Id, follow, attempt: null, cancellationToken);

    /// <summary>The word <c>task</c> and its number.</summary>
    public override string ToString() => $"task {Id}";
}

/// <summary>A submitted task whose result is read as JSON.</summary>
/// <typeparam name="TOut">Type of the result.</typeparam>
public sealed class TaskHandle<TOut> : TaskHandle
{
    private readonly Func<TaskPayload, TOut> _read;

    /// <summary>A handle on a task by its number.</summary>
    /// <param name="client">The client that asks for it.</param>
    /// <param name="id">Its number.</param>
    /// <param name="read">How its result is read.</param>
    /// <param name="deduplicated">Whether the submit found an earlier task.</param>
    public TaskHandle(IQueuedClient client, TaskId id, Func<TaskPayload, TOut> read, bool deduplicated = false)
        : base(client, id, deduplicated)
    {
        ArgumentNullException.ThrowIfNull(read);
        _read = read;
    }

    internal TaskHandle(QueuedClient client, SubmittedTask submitted, Func<TaskPayload, TOut> read)
        : base(client, submitted) => _read = read;

    /// <inheritdoc cref="TaskHandle.GetResultAsync"/>
    /// <exception cref="UnreadableResultException">The result is not JSON of this type.</exception>
    public new async Task<TOut> GetResultAsync(CancellationToken cancellationToken = default) =>
        _read(await base.GetResultAsync(cancellationToken).ConfigureAwait(false));
}
