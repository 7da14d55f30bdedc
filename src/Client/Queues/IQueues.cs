namespace Queued.Client;

/// <summary>Declares, reads and steers the daemon's queues and their dead letters. Thread-safe.</summary>
/// <remarks>
/// Every method throws <see cref="InvalidRequestException"/> for a bad name, <see cref="QueueNotFoundException"/> where
/// the queue is not there, <see cref="DaemonUnavailableException"/> where the daemon does not answer within
/// <see cref="QueuedClientOptions.DefaultTimeout"/>, and <see cref="OperationCanceledException"/> for the caller's
/// token.
/// </remarks>
public interface IQueues
{
    /// <summary>Makes a queue, or changes the policy of the one that is there.</summary>
    /// <param name="name">Its name, <c>[A-Za-z0-9._-]{1,128}</c>.</param>
    /// <param name="policy">Its settings. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <returns>The queue as it is now.</returns>
    Task<QueueInfo> DeclareAsync(
        string name, QueuePolicy? policy = null, CancellationToken cancellationToken = default);

    /// <summary>Reads one queue.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<QueueInfo> GetAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Reads all queues, in the order of their names, page by page.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<QueueInfo> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Stops giving out tasks. Submits go on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    Task<QueueInfo> PauseAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Gives out tasks, and takes them, again: ends a pause or a drain.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    Task<QueueInfo> ResumeAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Refuses new tasks and lets what is there finish. Completes at once, not when the queue is empty.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    Task<QueueInfo> DrainAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Cancels every task that does not run.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <returns>How many tasks were cancelled.</returns>
    Task<long> PurgeAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes an empty queue that no pool serves.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <exception cref="PreconditionFailedException">It holds tasks, or a pool serves it.</exception>
    Task DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads the dead letters of a queue (tasks that ended FAILED or TIMED_OUT), oldest first, page by page.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<TaskInfo> ListDeadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Submits dead letters once more, as new tasks, and takes them off the list.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tasks">Which ones, at most 10000. Null or empty: all.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <returns>The new tasks, in the order of the old ones.</returns>
    /// <exception cref="TaskNotFoundException">
    /// One of <paramref name="tasks"/> is not a dead letter of the queue.
    /// </exception>
    Task<IReadOnlyList<TaskId>> RequeueDeadAsync(
        string name, IReadOnlyCollection<TaskId>? tasks = null, CancellationToken cancellationToken = default);
}
