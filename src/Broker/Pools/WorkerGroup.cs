namespace Queued.Broker;

/// <summary>Workers that serve the same queues: those of a pool, or one external worker.</summary>
internal sealed class WorkerGroup(PoolEntry? pool)
{
    public PoolEntry? Pool { get; } = pool;

    /// <summary>The one that the group consists of, where it is no pool.</summary>
    public WorkerEntry? External { get; set; }

    public List<Binding> Bindings { get; } = [];

    /// <summary>Queues that have a task to give, in turn.</summary>
    public LinkedRing<Binding, Binding.Links> Offers { get; } = new();

    /// <summary>Workers with a free slot, in turn.</summary>
    public LinkedRing<WorkerEntry, WorkerEntry.Links> Free { get; } = new();

    /// <summary>Workers with open credits but no free slot, in turn.</summary>
    public LinkedRing<WorkerEntry, WorkerEntry.Links> Prefetching { get; } = new();

    /// <summary>It is on the list of groups to be looked at before the turn ends.</summary>
    public bool IsDirty { get; set; }
}
