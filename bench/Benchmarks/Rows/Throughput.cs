namespace Queued.Benchmarks;

/// <summary>Tasks that are tracked one by one, as many at once as go, and every result is looked at.</summary>
internal static class Throughput
{
    private const string Us = "queued, memory queue";
    private const string Map = "Pool.map, chunk 1";
    private const string Gearman = "gearmand, C";
    private const string Celery = "Celery with Redis";

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "Tasks of 64 bytes, each tracked by itself, two workers", "task");
        await contest.RunAsync(options,
        [
            new TaskWork(daemon, BenchDaemon.Memory).Many(Us),
            Pythons.Map(Map, chunk: 1),
            Pythons.Pool("Pool.apply_async", "apply_async"),
            Pythons.Pool("Pool.imap_unordered", "imap_unordered"),
            Pythons.ExecutorMap("ProcessPoolExecutor.map, chunk 1", chunk: 1),
            Servers.Gearman(Gearman, "many"),
            Servers.Beanstalk("beanstalkd, put, reserve, delete, C", "work"),
            Servers.RedisLists("Redis lists, batches of 32, C", "many"),
            new NatsJetStream("NATS JetStream, .NET", isOneByOne: false),
            Servers.Celery(Celery, "group"),
            Servers.Rq("RQ with Redis"),
        ]);
        if (contest.Of(Us) is { } us)
        {
            report.Rows.Add(new Row(
                "Tracked tasks on a memory queue", "tasks/s", Target.AtLeast(400_000, 1_000_000), us.Rate));
        }

        contest.Compare("… against Pool.map, chunk 1", Us, Map, Target.AtLeast(9), figures => figures.Rate);
        contest.Compare("… against gearmand", Us, Gearman, Target.AtLeast(30), figures => figures.Rate);
        contest.Compare("… against Celery", Us, Celery, Target.AtLeast(700), figures => figures.Rate);
    }
}
