using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>Keeps nothing, for a daemon that has memory queues alone: their tasks are gone with it.</summary>
internal sealed class MemoryStore : IStore
{
    public event Action<bool>? SpaceChanged
    {
        add { }
        remove { }
    }

    public event Action<IReadOnlyList<SegmentId>>? SegmentsRead
    {
        add { }
        remove { }
    }

    public event Action<Exception>? Failed
    {
        add { }
        remove { }
    }

    public IReadOnlyList<string> Problems => [];

    public BrokerSnapshot Load() => new();

    public ValueTask AppendAsync(IReadOnlyList<Change> changes, bool mustFlush) => ValueTask.CompletedTask;

    public ValueTask<TaskPayload> ReadPayloadAsync(TaskId task, PayloadKind kind) => throw new PayloadLostException(
        $"the {(kind == PayloadKind.Input ? "payload" : "result")} of task {task}: this daemon stores nothing");

    public Task<long> BackupAsync(string path, CancellationToken cancellationToken) => throw new BackupFailedException(
        "this daemon keeps its tasks in memory alone (daemon.store is \"memory\"): there is nothing to back up");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
