namespace Queued.Broker;

/// <summary>
/// A pool and its workers. Which to start, stop and replace is decided here and in BrokerCore.Pools; others obey.
/// </summary>
internal sealed class PoolEntry
{
    public PoolEntry(PoolSettings settings)
    {
        Settings = settings;
        Size = settings.Size;
        Group = new WorkerGroup(this);
    }

    /// <summary>With every default filled in; <see cref="PoolSettings.Size"/> as created.</summary>
    public PoolSettings Settings { get; }

    public string Name => Settings.Name;

    public int Size { get; set; }

    public PoolState State { get; set; } = PoolState.Active;

    /// <summary>Made by API: it has a record in the store.</summary>
    public bool IsStored { get; init; }

    public WorkerGroup Group { get; }

    /// <summary>Every worker and every waiting place, in the order of their ids.</summary>
    public SortedDictionary<ulong, WorkerEntry> Workers { get; } = [];

    public int Generation { get; set; } = 1;

    /// <summary>Boot errors in a row.</summary>
    public int BootErrors { get; set; }

    public string LastBootError { get; set; } = "";

    /// <summary>Places that have had their first worker.</summary>
    public int HasStarted { get; set; }

    public long RestartsTotal { get; set; }

    public long AttemptsTotal { get; set; }

    /// <summary>Commands of an exec pool that run.</summary>
    public bool HasExecRoom => Settings.Exec && State == PoolState.Active && Workers.Count < Size;
}
