using System.Collections.Concurrent;
using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>A worker's open stream. Called in order, on the thread that carries out effects; must not block.</summary>
internal interface IWorkerLink
{
    WorkerId Worker { get; }

    /// <summary>How many attempts it runs at once.</summary>
    int Slots { get; }

    void Assign(Assignment assignment);

    void Cancel(AttemptId attempt, CancelReason reason, TimeSpan grace);

    void Refuse(AttemptId attempt, Rejection rejection);

    void Drain(DrainReason reason);

    void Disconnect(string reason);
}

/// <summary>
/// The workers that are connected. What is said to one that has gone is dropped: the core hears of its end by itself.
/// </summary>
internal sealed class WorkerRegistry
{
    private readonly ConcurrentDictionary<WorkerId, IWorkerLink> _links = new();

    public void Add(IWorkerLink link) => _links[link.Worker] = link;

    /// <summary>Removes this link, and no later one of the same worker.</summary>
    public void Remove(IWorkerLink link) =>
        _links.TryRemove(new KeyValuePair<WorkerId, IWorkerLink>(link.Worker, link));

    public IWorkerLink? Find(WorkerId worker) => _links.GetValueOrDefault(worker);
}
