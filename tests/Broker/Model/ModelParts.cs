namespace Queued.Broker.Tests.Model;

/// <summary>A queue as the specification speaks of it.</summary>
internal sealed class ModelQueue(string name)
{
    public string Name { get; } = name;

    public QueueSettings Settings { get; set; } = new();

    public QueueState State { get; set; } = QueueState.Active;

    /// <summary>It is durable, or once was.</summary>
    public bool IsStored { get; set; }

    public long Succeeded { get; set; }

    public long Failed { get; set; }

    public long Cancelled { get; set; }

    /// <summary>More dead letters than these it must not have after the turn, unless its limit allows them.</summary>
    public int DeadBound { get; set; } = int.MaxValue;

    public int DeadMax => Settings.DeadMax > 0 ? Settings.DeadMax : 10_000;

    /// <summary>Workers that do not take every handler have served it.</summary>
    public bool HasPickyWorkers { get; set; }

    /// <summary>The limit of each concurrency key, as its newest task set it.</summary>
    public Dictionary<string, int> KeyLimits { get; } = [];

    /// <summary>
    /// The highest limit that the key had while it has had open tasks: those that it let in stay in when it is lowered.
    /// </summary>
    public Dictionary<string, int> KeyHighs { get; } = [];
}

/// <summary>Why the daemon stopped a worker.</summary>
internal enum ModelStop
{
    None,
    ForAttempt,
    ByOrder,
    Memory,
    Hung,
    StreamLost,
    Boot,
}

/// <summary>A worker as the specification speaks of it.</summary>
internal sealed class ModelWorker(WorkerId id, ModelPool? pool)
{
    public WorkerId Id { get; } = id;

    /// <summary>Null: external.</summary>
    public ModelPool? Pool { get; } = pool;

    public bool IsExec => Pool is { Settings.Exec: true };

    public int Generation { get; } = pool?.Generation ?? 0;

    public IReadOnlyList<string> Queues { get; set; } = pool?.Settings.Queues ?? [];

    public IReadOnlyList<string> Handlers { get; set; } = [];

    public int Slots { get; set; } = 1;

    public int Credits { get; set; }

    public bool IsConnected { get; set; }

    public bool IsDraining { get; set; }

    public Instant DrainingSince { get; set; } = Instant.Never;

    /// <summary>When its attempts were asked to stop, since the daemon does.</summary>
    public Instant UrgedAt { get; set; } = Instant.Never;

    /// <summary>When its last attempt ended.</summary>
    public Instant IdleSince { get; set; } = new(0);

    public bool StoppedByHand { get; set; }

    public bool IsTerminated { get; set; }

    public bool IsKilled { get; set; }

    public Instant KillAt { get; set; } = Instant.Never;

    public ModelStop Stop { get; set; }

    public Instant StartedAt { get; init; }

    public Instant LastHeard { get; set; }

    public Instant StreamLostAt { get; set; } = Instant.Never;

    public bool SaidHello { get; set; }

    /// <summary>Boot errors of its pool before its hello; they count on when it leaves without having worked.</summary>
    public int BootErrorsBefore { get; set; }

    public bool IsOverHardMemory { get; set; }

    public long AttemptsEnded { get; set; }

    /// <summary>It has held an attempt, ever.</summary>
    public bool HasWorked { get; set; }

    /// <summary>Unsettled assignments in the order they were given.</summary>
    public List<ModelTask> Held { get; } = [];

    /// <summary>
    /// When it may be stopped for not leaving: stop_grace after it was told to and had nothing left to do.
    /// </summary>
    public Instant LeaveBy(TimeSpan stopGrace) =>
        Held.Count > 0 || DrainingSince == Instant.Never ? Instant.Never
        : (DrainingSince > IdleSince ? DrainingSince : IdleSince) + stopGrace;

    public bool IsStopping => IsTerminated || IsKilled;

    public bool HasFreeSlot => Held.Count(task => !task.IsWaiting) < Slots;

    public bool Offers(string handler) =>
        IsExec ? handler == "exec" : Handlers.Count == 0 || Handlers.Contains(handler);
}

/// <summary>A pool as the specification speaks of it.</summary>
internal sealed class ModelPool(PoolSettings settings)
{
    /// <summary>With every default filled in.</summary>
    public PoolSettings Settings { get; } = settings;

    public int Size { get; set; } = settings.Size;

    public int Generation { get; set; } = 1;

    public PoolState State { get; set; } = PoolState.Active;

    /// <summary>Made by API.</summary>
    public bool IsStored { get; init; }

    public int BootErrors { get; set; }

    /// <summary>Until when each place that failed to boot must wait at least.</summary>
    public List<Instant> Waits { get; } = [];

    /// <summary>By when a missing worker must have been started at the latest.</summary>
    public Instant FillBy { get; set; } = Instant.Never;
}
