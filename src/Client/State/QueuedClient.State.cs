namespace Queued.Client;

public sealed partial class QueuedClient
{
    /// <inheritdoc/>
    public IStates States => field ??= new StateCalls(_daemon);

    private StateAccess Shared => new(_session, _json, _clock);

    /// <inheritdoc/>
    public SharedLock Lock(string name, bool keep = false) => new(Shared, name, keep);

    /// <inheritdoc/>
    public SharedRLock RLock(string name, bool keep = false) => new(Shared, name, keep);

    /// <inheritdoc/>
    public SharedSemaphore Semaphore(string name, int permits = 1, bool keep = false) =>
        new(Shared, name, permits, isBounded: false, keep);

    /// <inheritdoc/>
    public SharedSemaphore BoundedSemaphore(string name, int permits = 1, bool keep = false) =>
        new(Shared, name, permits, isBounded: true, keep);

    /// <inheritdoc/>
    public SharedEvent Event(string name, bool keep = false) => new(Shared, name, keep);

    /// <inheritdoc/>
    public SharedCondition Condition(string name, bool keep = false) => new(Shared, name, keep);

    /// <inheritdoc/>
    public SharedBarrier Barrier(string name, int parties, bool keep = false) => new(Shared, name, parties, keep);

    /// <inheritdoc/>
    public SharedCounter Counter(string name, long initial = 0, bool keep = false) =>
        new(Shared, name, initial, keep);

    /// <inheritdoc/>
    public SharedValue<T> Value<T>(string name, bool keep = false) => new(Shared, name, keep);

    /// <inheritdoc/>
    public SharedArray<T> Array<T>(string name, int length, bool keep = false)
        where T : unmanaged => new(Shared, name, length, keep);

    /// <inheritdoc/>
    public SharedMap<T> Map<T>(string name, bool keep = false) => new(Shared, name, keep);

    /// <inheritdoc/>
    public SharedList<T> List<T>(string name, bool keep = false) => new(Shared, name, keep);
}
