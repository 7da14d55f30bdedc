using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>Something that the store's thread has to do.</summary>
internal abstract class StoreJob
{
    /// <summary>For the bound of a group.</summary>
    public virtual int Bytes => 0;

    public abstract void Fail(Exception exception);
}

/// <summary>Changes of one turn. They stand or fall together.</summary>
internal sealed class AppendJob(IReadOnlyList<Change> changes) : StoreJob
{
    private readonly TaskCompletionSource _stored = new();

    public IReadOnlyList<Change> Changes => changes;

    public override int Bytes { get; } = changes.Sum(StoreChanges.SizeOf);

    public Task Stored => _stored.Task;

    /// <summary>What waits for it goes on here: it has only to say what it held back.</summary>
    public void Complete() => _stored.TrySetResult();

    public override void Fail(Exception exception)
    {
        _stored.TrySetException(exception);
        // Nobody may wait for it; the failure is told to everybody all the same.
        _ = _stored.Task.Exception;
    }
}

/// <summary>A payload that is wanted back.</summary>
internal sealed class ReadJob(TaskId task, PayloadKind kind) : StoreJob
{
    private readonly TaskCompletionSource<TaskPayload> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskId Task => task;

    public PayloadKind Kind => kind;

    public Task<TaskPayload> Read => _read.Task;

    public void Complete(TaskPayload payload) => _read.TrySetResult(payload);

    public override void Fail(Exception exception) => _read.TrySetException(exception);
}

/// <summary>A copy that is made in steps, between groups.</summary>
internal sealed class BackupJob(string path, CancellationToken cancellationToken) : StoreJob
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Path => path;

    public CancellationToken CancellationToken => cancellationToken;

    public Task<long> Done => _done.Task;

    public void Complete(long bytes) => _done.TrySetResult(bytes);

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}
