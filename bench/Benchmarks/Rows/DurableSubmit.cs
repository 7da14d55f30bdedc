using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// What it costs to have a task on the disk before its submit is answered: one submitter that waits for each answer,
/// 64 of them on one connection, 64 on a connection each, and beside them the flush alone.
/// </summary>
internal static class DurableSubmit
{
    private const int Submitters = 64;

    /// <summary>What a lone submit writes to the log: two pages of 8 KiB with their headers.</summary>
    private const int LogBytes = 2 * (8192 + 24);

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        using var folder = new BenchFolder();
        using var flush = new RawFlush(Path.Combine(folder.New("raw"), "log"), LogBytes);
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New("daemon"));
        var many = Enumerable.Range(0, Submitters).Select(_ => daemon.NewClient()).ToArray();
        // Of each submitter by itself: what is one after the other needs no lock, and is looked at once all is done.
        var taken = Enumerable.Range(0, Submitters).Select(_ => new List<TaskId>()).ToArray();
        var bare = $"bare flush of {LogBytes} bytes";
        const string one = "one submitter";
        var shared = $"{Submitters} submitters on one connection";
        var own = $"{Submitters} submitters on a connection each";
        var beanstalk = "beanstalkd, one put after the other, fsync, C";
        var contest = new Contest(report, "Submits to an fsync queue that nobody serves, 64 bytes", "submit");
        await contest.RunAsync(options,
        [
            new Ours(bare, null, count => Rounds.OneByOneAsync(count, _ =>
            {
                flush.Write();
                return ValueTask.CompletedTask;
            })),
            new Ours(one, daemon, count => Rounds.OneByOneAsync(
                count, async _ => await SubmitAsync(daemon.Client, taken[0])))
            {
                WarmUp = BenchOptions.CompiledWarmUp,
            },
            new Ours(shared, daemon, count => Rounds.ManyAsync(
                count, Submitters, (lane, _) => SubmitAsync(daemon.Client, taken[lane]))),
            new Ours(own, daemon, count => Rounds.ManyAsync(
                count, Submitters, (lane, _) => SubmitAsync(many[lane], taken[lane]))),
            Servers.Beanstalk(beanstalk, "put-one", Servers.Flush.Always),
        ]);
        var waiting = (await daemon.Client.Queues.GetAsync(BenchDaemon.WaitingFsync)).QueuedCount;
        var count = taken.Sum(ids => ids.Count);
        var different = taken.SelectMany(ids => ids).Distinct().Count();
        if (different != count) throw new InvalidOperationException($"{count} were taken under {different} numbers.");
        if (waiting != count) throw new InvalidOperationException($"{count} were taken, {waiting} wait.");
        foreach (var other in many) await other.DisposeAsync();

        report.Rows.Add(new Row(
            "fsync, one submitter: over the bare flush", "µs", Target.AtMost(150, 60),
            Series.Difference(contest.Of(one)!.MedianLatency, contest.Of(bare)!.MedianLatency)));
        contest.Compare(
            $"{Submitters} durable submitters on one connection against one", shared, one, Target.AtLeast(30, 50),
            figures => figures.Rate);
        contest.Compare(
            $"{Submitters} durable submitters on a connection each against one", own, one, Target.AtLeast(30, 50),
            figures => figures.Rate);
        contest.Compare(
            "One submitter against one put of beanstalkd with fsync", one, beanstalk, Target.Shown(false),
            figures => figures.MedianLatency);
        report.Plots.Add(Charts.Percentiles(
            "durable-latency", "One durable submit after the other", report.Contests[^1]));
    }

    private static async Task SubmitAsync(QueuedClient client, List<TaskId> taken)
    {
        taken.Add((await client.SubmitAsync(
            EchoWorker.Handler,
            new TaskPayload(new byte[Numbers.PayloadBytes]),
            new SubmitOptions { Queue = BenchDaemon.WaitingFsync })).Id);
    }
}
