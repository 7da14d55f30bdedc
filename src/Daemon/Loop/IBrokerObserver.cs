using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// Hears what traces and metrics are made of. Called on the loop's thread, in order; must neither block nor throw.
/// Depths of queues and pools are not pushed: <see cref="Command.GetStatus"/> with views has them.
/// </summary>
internal interface IBrokerObserver
{
    void AttemptEnded(in AttemptReport report)
    {
    }

    void WorkerEnded(WorkerId worker, string pool, int processId, string reason, bool expected)
    {
    }

    void PoolChanged(string pool, PoolState state, string reason)
    {
    }
}

/// <summary>Nobody listens.</summary>
internal sealed class SilentObserver : IBrokerObserver;
