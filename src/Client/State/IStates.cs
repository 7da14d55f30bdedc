namespace Queued.Client;

/// <summary>Reads and steers all shared objects, of whatever client. Thread-safe.</summary>
/// <remarks>
/// Every method throws <see cref="DaemonUnavailableException"/> where the daemon does not answer within
/// <see cref="QueuedClientOptions.DefaultTimeout"/>, and <see cref="OperationCanceledException"/> for the caller's
/// token.
/// </remarks>
public interface IStates
{
    /// <summary>Reads all shared objects, in the order of their names, page by page.</summary>
    /// <param name="kinds">Only of these kinds. Null or empty: of all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    IAsyncEnumerable<StateInfo> ListAsync(
        IReadOnlyCollection<StateKind>? kinds = null, CancellationToken cancellationToken = default);

    /// <summary>Reads one shared object.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Null: there is none of that name.</returns>
    Task<StateInfo?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Reads one shared object that has to be there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="StateNotFoundException">There is none of that name.</exception>
    Task<StateInfo> GetAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Removes a shared object.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">
    /// Also where somebody holds it or waits for it, who then hears <see cref="StateNotFoundException"/>.
    /// </param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <exception cref="StateNotFoundException">There is none of that name.</exception>
    /// <exception cref="PreconditionFailedException">Somebody holds it or waits for it.</exception>
    Task DeleteAsync(string name, bool force = false, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes a lock or a permit away from who holds it. He hears <see cref="GrantLostException"/> with the next thing
    /// that he does with it; until then only the fencing token protects what the lock protects.
    /// </summary>
    /// <param name="name">Name of the lock, semaphore or condition.</param>
    /// <param name="fencingToken">Which grant. 0 (the default): the oldest.</param>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <returns>Number of the grant.</returns>
    /// <exception cref="StateNotFoundException">There is none of that name.</exception>
    /// <exception cref="GrantLostException">The grant is not held any more.</exception>
    /// <exception cref="PreconditionFailedException">Nobody holds it, or it is of another kind.</exception>
    Task<ulong> RevokeAsync(string name, ulong fencingToken = 0, CancellationToken cancellationToken = default);
}
