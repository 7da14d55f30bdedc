namespace Queued.Client;

/// <summary>Makes, reads and steers the daemon's pools of worker processes. Thread-safe.</summary>
/// <remarks>
/// Every method throws <see cref="InvalidRequestException"/> for a bad value, <see cref="PoolNotFoundException"/> where
/// the pool is not there, <see cref="DaemonUnavailableException"/> where the daemon does not answer within
/// <see cref="QueuedClientOptions.DefaultTimeout"/>, and <see cref="OperationCanceledException"/> for the caller's
/// token.
/// </remarks>
public interface IPools
{
    /// <summary>Makes a pool and starts its workers. Completes before they are ready.</summary>
    /// <param name="spec">The pool.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <returns>The pool, with every default filled in.</returns>
    /// <exception cref="ConflictException">There is a pool of this name.</exception>
    Task<PoolInfo> CreateAsync(PoolSpec spec, CancellationToken cancellationToken = default);

    /// <summary>Reads one pool.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    Task<PoolInfo> GetAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Reads all pools, in the order of their names, page by page.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<PoolInfo> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Changes the number of workers. Workers that are too many finish their attempts first.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="size">How many workers, 0 to 1024.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    Task<PoolInfo> ScaleAsync(string name, int size, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces every worker: new ones get ready, then old ones finish and leave. Closes an open breaker. Completes at
    /// once.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    Task<PoolInfo> ReloadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Stops the workers and removes the pool. Its queues and their tasks stay. Completes at once.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    Task DeleteAsync(string name, CancellationToken cancellationToken = default);
}

/// <summary>
/// Reads and stops the daemon's worker processes. Thread-safe; throws what <see cref="IPools"/> throws.
/// </summary>
public interface IWorkers
{
    /// <summary>Reads all workers, of pools and external ones, oldest first, page by page.</summary>
    /// <param name="pool">Only those of this pool. Null: all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<WorkerInfo> ListAsync(string? pool = null, CancellationToken cancellationToken = default);

    /// <summary>Stops one worker; its pool starts another. Completes at once.</summary>
    /// <param name="workerId">Its id.</param>
    /// <param name="kill">
    /// True: kill it now; what it runs goes to another worker. False: it finishes its attempts first.
    /// </param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <returns>The worker as it is now.</returns>
    /// <exception cref="WorkerNotFoundException">There is no such worker.</exception>
    Task<WorkerInfo> StopAsync(string workerId, bool kill = false, CancellationToken cancellationToken = default);
}
