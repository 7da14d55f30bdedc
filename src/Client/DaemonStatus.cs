namespace Queued.Client;

/// <summary>How the daemon is: a snapshot.</summary>
public sealed record DaemonStatus
{
    /// <summary>Its version, such as 0.1.0.</summary>
    public required string Version { get; init; }

    /// <summary>Its process id.</summary>
    public int ProcessId { get; init; }

    /// <summary>When it started.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>True: it takes no new work and is on its way out.</summary>
    public bool Draining { get; init; }

    /// <summary>Its endpoints, such as <c>unix:/run/queued/queued.sock</c>.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Its data directory. Empty: none.</summary>
    public string DataDirectory { get; init; } = "";

    /// <summary>Queues.</summary>
    public int QueueCount { get; init; }

    /// <summary>Pools.</summary>
    public int PoolCount { get; init; }

    /// <summary>Workers of all pools, and external ones.</summary>
    public int WorkerCount { get; init; }

    /// <summary>Tasks that have not ended.</summary>
    public long OpenTaskCount { get; init; }

    /// <summary>Tasks that have ended and can be read still.</summary>
    public long FinishedTaskCount { get; init; }

    /// <summary>Tasks that run.</summary>
    public long RunningTaskCount { get; init; }

    /// <summary>The limits in force, by name.</summary>
    public IReadOnlyDictionary<string, long> Limits { get; init; } = new Dictionary<string, long>();

    /// <summary>Clients with an open stream.</summary>
    public int SessionCount { get; init; }

    /// <summary>What keeps the daemon from being ready, one sentence each. Empty: ready.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
