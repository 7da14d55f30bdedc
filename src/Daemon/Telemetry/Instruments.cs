using System.Diagnostics;

namespace Queued.Daemon.Telemetry;

/// <summary>One instrument as it is documented.</summary>
internal sealed record InstrumentDescription(string Name, string Kind, string Unit, string Tags, string Description);

/// <summary>
/// The names that dashboards and alerts are built on. docs/operations.md has the same table; a test compares them.
/// </summary>
internal static class Instruments
{
    /// <summary>Name of the meter and of the source of activities.</summary>
    public const string Name = "Queued";

    public static readonly ActivitySource Activities = new(Name);

    public static readonly InstrumentDescription TasksSubmitted =
        new("queued.tasks.submitted", "counter", "{task}", "queue", "Tasks taken into a queue.");

    public static readonly InstrumentDescription TasksFinished =
        new("queued.tasks.finished", "counter", "{task}", "queue, outcome",
            "Tasks that ended: outcome is succeeded, failed (timed out and expired ones too) or cancelled.");

    public static readonly InstrumentDescription Attempts =
        new("queued.attempts", "counter", "{attempt}", "queue, outcome",
            "Attempts that ended: outcome is succeeded, released, snoozed, or the kind of the failure in lower case.");

    public static readonly InstrumentDescription TaskWait =
        new("queued.task.wait.duration", "histogram", "s", "queue",
            "From the moment an attempt could have begun to its beginning.");

    public static readonly InstrumentDescription TaskRun =
        new("queued.task.run.duration", "histogram", "s", "queue, outcome",
            "From the beginning of an attempt to its end.");

    public static readonly InstrumentDescription QueueDepth =
        new("queued.queue.depth", "gauge", "{task}", "queue, state",
            "Tasks in a queue: state is scheduled, queued, running, retrying or dead.");

    public static readonly InstrumentDescription PoolWorkers =
        new("queued.pool.workers", "gauge", "{worker}", "pool, state",
            "Workers of a pool: state is starting, ready (busy ones too), busy or draining.");

    public static readonly InstrumentDescription WorkerExits =
        new("queued.worker.exits", "counter", "{worker}", "pool, reason",
            "Workers that ended: reason is expected (recycled, scaled down, stopped, shut down) or unexpected.");

    public static readonly InstrumentDescription Sessions =
        new("queued.sessions", "gauge", "{session}", "", "Clients with an open stream.");

    public static IReadOnlyList<InstrumentDescription> All { get; } =
        [TasksSubmitted, TasksFinished, Attempts, TaskWait, TaskRun, QueueDepth, PoolWorkers, WorkerExits, Sessions];
}
