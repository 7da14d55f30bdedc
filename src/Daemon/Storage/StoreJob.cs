using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>Something that the store's thread has to do.</summary>
internal abstract class StoreJob
{
    /// <summary>For the bound of a group.</summary>
    public virtual int Bytes => 0;

    /// <summary>For those who wait for the job itself, and not for its group.</summary>
    public virtual void Fail(Exception exception)
    {
    }
}

/// <summary>Changes of one turn. They stand or fall together.</summary>
internal sealed class AppendJob(IReadOnlyList<Change> changes) : StoreJob
{
    public IReadOnlyList<Change> Changes => changes;

    public override int Bytes { get; } = SizeOf(changes);

    private static int SizeOf(IReadOnlyList<Change> changes)
    {
        var bytes = 0;
        for (var index = 0; index < changes.Count; index++) bytes += StoreChanges.SizeOf(changes[index]);
        return bytes;
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
