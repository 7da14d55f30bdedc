namespace Queued.Daemon.Storage;

/// <summary>What is written and flushed together. Whoever waits for one change of it waits for all.</summary>
internal sealed class StoreGroup
{
    private readonly TaskCompletionSource _stored = new();
    private readonly List<StoreJob> _jobs = [];
    private int _changes;
    private int _appends;

    public IReadOnlyList<StoreJob> Jobs => _jobs;

    public long Bytes { get; private set; }

    /// <summary>What waits for it goes on where it is completed: it has only to say what it held back.</summary>
    public Task Stored => _stored.Task;

    public bool HasAppends => _appends > 0;

    /// <summary>It is told on the thread that stored it.</summary>
    public bool IsAlone => _appends == 1 && _jobs.Count == 1;

    /// <returns>False: it is large enough without.</returns>
    public bool TryAdd(StoreJob job, StoreOptions options)
    {
        var changes = job is AppendJob append ? append.Changes.Count : 1;
        if (_jobs.Count > 0 &&
            (_changes + changes > options.GroupChangesMax || Bytes + job.Bytes > options.GroupBytesMax))
        {
            return false;
        }

        _jobs.Add(job);
        _changes += changes;
        Bytes += job.Bytes;
        if (job is AppendJob) _appends++;
        return true;
    }

    public void Complete() => _stored.TrySetResult();

    public void Fail(Exception exception)
    {
        foreach (var job in _jobs) job.Fail(exception);
        _stored.TrySetException(exception);
        // Nobody may wait for it; the failure is told to everybody all the same.
        _ = _stored.Task.Exception;
    }
}
