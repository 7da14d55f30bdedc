namespace Queued.Broker;

/// <summary>What makes an entry RUNNING: somebody has it, for this attempt.</summary>
internal abstract class Hold(TaskEntry task)
{
    public TaskEntry Task { get; } = task;

    public AttemptId Attempt { get; set; }
}

/// <summary>The grant of one attempt to one worker. It ends with a settlement, or with the worker.</summary>
internal sealed class Lease(TaskEntry task, WorkerEntry worker, Instant givenAt, DateTimeOffset givenAtWall)
    : Hold(task)
{
    private Lease? _next;
    private Lease? _previous;

    public WorkerEntry Worker { get; } = worker;

    /// <summary>It is among the first that its worker runs; until then it only waits there.</summary>
    public bool IsBegun { get; private set; }

    public Instant StartedAt { get; private set; } = givenAt;

    public DateTimeOffset StartedAtWall { get; private set; } = givenAtWall;

    /// <summary>It waits for another task, and its slot is free.</summary>
    public bool IsWaiting { get; set; }

    public Instant SoftDue { get; set; } = Instant.Never;

    public Instant HardDue { get; set; } = Instant.Never;

    /// <summary>When its worker is stopped, if it has not ended before.</summary>
    public Instant StopDue { get; set; } = Instant.Never;

    public bool IsSoftAsked { get; set; }

    public bool IsTimedOut { get; set; }

    /// <summary>It was asked to stop because the daemon does.</summary>
    public bool IsUrged { get; set; }

    /// <summary>Its worker is being stopped for its sake.</summary>
    public bool IsStopped { get; set; }

    public Instant NextDue
    {
        get
        {
            var due = SoftDue < HardDue ? SoftDue : HardDue;
            return StopDue < due ? StopDue : due;
        }
    }

    public void Begin(Instant now, DateTimeOffset wall)
    {
        Invariant.Require(!IsBegun);
        IsBegun = true;
        StartedAt = now;
        StartedAtWall = wall;
    }

    internal readonly struct Links : IRingLinks<Lease>
    {
        public static ref Lease? Next(Lease item) => ref item._next;

        public static ref Lease? Previous(Lease item) => ref item._previous;
    }
}
