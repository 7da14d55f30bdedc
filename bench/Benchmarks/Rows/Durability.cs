namespace Queued.Benchmarks;

/// <summary>The same on queues that are stored, beside peers that flush before they acknowledge.</summary>
internal static class Durability
{
    private const string Us = "queued, fsync queue";
    private const string Memory = "queued, memory queue";
    private const string Beanstalk = "beanstalkd, put alone, fsync, C";

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "Tasks of 64 bytes, each tracked by itself, two workers, stored", "task");
        await contest.RunAsync(options,
        [
            new TaskWork(daemon, BenchDaemon.Fsync).Many(Us),
            new TaskWork(daemon, BenchDaemon.Async).Many("queued, async queue"),
            new TaskWork(daemon, BenchDaemon.Memory).Many(Memory),
            Servers.Beanstalk(Beanstalk, "put", Servers.Flush.Always),
            Servers.Beanstalk("beanstalkd, put, reserve, delete, fsync, C", "work", Servers.Flush.Always),
            Servers.Beanstalk("beanstalkd, put alone, not stored, C", "put"),
            Servers.RedisLists("Redis lists, batches of 32, fsync, C", "many", Servers.Flush.Always),
        ]);
        if (contest.Of(Us) is { } us)
        {
            report.Rows.Add(new Row(
                "Tracked tasks on an fsync queue", "tasks/s", Target.AtLeast(120_000, 300_000), us.Rate));
        }

        contest.Compare(
            "… against a beanstalkd put with fsync", Us, Beanstalk, Target.AtLeast(20), figures => figures.Rate);
        contest.Compare("… against a memory queue", Us, Memory, Target.Shown(true), figures => figures.Rate);
    }
}
