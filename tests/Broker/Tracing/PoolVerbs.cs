using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>
/// pool, show-pool, pools, scale, reload, delete-pool, workers, stop, status, shutdown, shutdown-now.
/// </summary>
internal static class PoolVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner) => line.Verb switch
    {
        "pool" => new Command.CreatePool(
            runner.NextRequest(), Settings(line), IsConfigured: !line.Flag("stored")),
        "show-pool" => new Command.GetPool(runner.NextRequest(), line.Word(0)),
        "pools" => new Command.ListPools(runner.NextRequest(), line.Number("page"), line.Option("after", "")),
        "scale" => new Command.ScalePool(
            runner.NextRequest(), line.Word(0), int.Parse(line.Word(1), CultureInfo.InvariantCulture)),
        "reload" => new Command.ReloadPool(runner.NextRequest(), line.Word(0)),
        "delete-pool" => new Command.DeletePool(runner.NextRequest(), line.Word(0)),
        "workers" => new Command.ListWorkers(
            runner.NextRequest(), line.Option("pool", ""), line.Number("page"),
            line.Option("after") is { } after ? WorkerVerbs.Worker(after) : null),
        "stop" => new Command.StopWorker(runner.NextRequest(), WorkerVerbs.Worker(line.Word(0)), line.Flag("kill")),
        "status" => new Command.GetStatus(runner.NextRequest(), line.Flag("views")),
        "shutdown" => new Command.BeginShutdown(line.Span("drain") ?? TimeSpan.FromSeconds(30)),
        "shutdown-now" => new Command.ShutdownNow(),
        _ => null,
    };

    private static PoolSettings Settings(TraceLine line)
    {
        var exec = line.Flag("exec");
        return new PoolSettings
        {
            Name = line.Word(0),
            Size = line.Number("size", 1),
            Queues = line.Names("queues"),
            Command = exec ? [] : ["worker"],
            Exec = exec,
            Slots = line.Number("slots"),
            BootTimeout = line.Span("boot_timeout"),
            HeartbeatTimeout = line.Span("heartbeat_timeout") ?? TimeSpan.FromHours(1),
            TasksMax = line.Number("tasks_max"),
            AgeMax = line.Span("age_max"),
            MemorySoftBytes = line.Number("memory_soft"),
            MemoryHardBytes = line.Number("memory_hard"),
            RecycleJitter = line.Fraction("recycle_jitter") ?? 0,
            StopGrace = line.Span("stop_grace"),
            TermGrace = line.Span("term_grace"),
            RestartBackoff = line.Span("restart_backoff"),
            RestartBackoffMax = line.Span("restart_backoff_max"),
            BreakerFailures = line.Number("breaker_failures"),
        };
    }
}
