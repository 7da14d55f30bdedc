namespace Queued.Benchmarks;

/// <summary>One task after the other: from its submit to its result.</summary>
internal static class RoundTrip
{
    private const string Us = "queued, one task on an open stream";
    private const string Floor = "C, Unix socket, there and back, on two cores";
    private const string OneCore = "C, Unix socket, there and back, on one core";
    private const string Pool = "Pool.apply";

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "One task after the other, 64 bytes, two workers", "task");
        await contest.RunAsync(options,
        [
            Servers.Floor(Floor, "pingpong-two-cores"),
            Servers.Floor(OneCore, "pingpong-one-core"),
            new TaskWork(daemon, BenchDaemon.Memory).OneByOne(Us),
            Pythons.Pool(Pool, "apply"),
            Pythons.Executor("ProcessPoolExecutor.submit"),
            Servers.Gearman("gearmand, C", "one"),
            Servers.RedisLists("Redis lists, C", "one"),
            Servers.Celery("Celery with Redis", "apply"),
            new NatsJetStream("NATS JetStream, .NET", isOneByOne: true),
        ]);
        contest.Compare(
            "Task round trip against the floor (2 × C, there and back, on two cores)", Us, Floor,
            Target.AtMost(1.5, 1.2), figures => figures.MedianLatency, peerFactor: 2);
        contest.Compare(
            "… against 2 × C on one core", Us, OneCore, Target.Shown(false), figures => figures.MedianLatency,
            peerFactor: 2);
        contest.Compare(
            "… against Pool.apply", Us, Pool, Target.AtMost(0.85, 0.65), figures => figures.MedianLatency);
        report.Plots.Add(Charts.Percentiles("latency", "One task after the other", report.Contests[^1]));
    }
}
