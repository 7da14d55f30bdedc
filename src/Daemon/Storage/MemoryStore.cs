using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>Keeps nothing: there are only memory queues yet, whose tasks are gone with the daemon.</summary>
internal sealed class MemoryStore : IStore
{
    public ValueTask AppendAsync(IReadOnlyList<Change> changes, bool mustFlush) => ValueTask.CompletedTask;
}
