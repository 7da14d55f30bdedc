using System.Globalization;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// What much of something costs those who have nothing to do with it. Two daemons do the same work in turn: one of them
/// has much, the other none.
/// </summary>
internal static class Growth
{
    private const string Few = "without";
    private const string Many = "with";

    /// <summary>Where a few in a hundred are looked for, and a round varies by more.</summary>
    private const int FineRounds = 41;

    public static async Task RunBacklogAsync(BenchOptions options, Report report)
    {
        var sizes = options.IsQuick ? new[] { 10_000, 100_000 } : [10_000, 100_000, 1_000_000, 10_000_000];
        var (x, y) = (new List<double>(), new List<double>());
        foreach (var size in sizes)
        {
            var ratio = await TasksAsync(options, report, $"{Number(size)} tasks wait in another queue", async daemon =>
                await Fill.AddAsync(daemon.Client, BenchDaemon.WaitingMemory, size, Numbers.PayloadBytes));
            x.Add(size);
            y.Add(ratio.Median);
            if (size >= 1_000_000 || (options.IsQuick && size == sizes[^1]))
                AddRow(report, $"Throughput with {Number(size)} tasks waiting, against none", 0.9, ratio);
        }

        report.Plots.Add(new Plot(
            "backlog", "Throughput by backlog", "tasks that wait", "throughput, against none", IsYLog: false,
            [new Curve("tracked tasks, memory queue", [.. x], [.. y])]));
    }

    public static async Task RunQueuesAsync(BenchOptions options, Report report)
    {
        const int queues = 10_000;
        AddRow(report, $"Throughput with {Number(queues)} queues of tasks, against none", 0.95, await TasksAsync(
            options, report, $"{Number(queues)} other queues, with a task in each", daemon => Parallel.ForAsync(
                0, queues, async (number, cancellationToken) =>
                {
                    var queue = $"other-{number}";
                    await daemon.Client.Queues.DeclareAsync(queue, null, cancellationToken);
                    await daemon.Client.SubmitAsync(
                        EchoWorker.Handler,
                        TaskPayload.Empty,
                        new SubmitOptions { Queue = queue },
                        cancellationToken);
                })));
        AddRow(report, $"Put and get over {Number(queues)} queues of messages, against 16", 0.95, await PairAsync(
            options, report, $"Put and get over 16 queues of messages, and over {Number(queues)}", "turn",
            daemon => SharingWork.QueuesAsync(Few, daemon, 16),
            daemon => SharingWork.QueuesAsync(Many, daemon, queues),
            FineRounds));
    }

    public static async Task RunLocksAsync(BenchOptions options, Report report) =>
        AddRow(report, "Acquire and release over 10 000 locks, against 16", 0.95, await PairAsync(
            options, report, "Acquire and release over 16 locks, and over 10 000", "turn",
            daemon => SharingWork.LocksAsync(Few, daemon, 16),
            daemon => SharingWork.LocksAsync(Many, daemon, 10_000),
            FineRounds));

    public static async Task RunPipesAsync(BenchOptions options, Report report) =>
        AddRow(report, "Round trips over 1 000 pipes, against one", 0.95, await PairAsync(
            options, report, "Round trips over one pipe, and over 1 000", "round trip",
            daemon => SharingWork.PipesAsync(Few, daemon, 1),
            daemon => SharingWork.PipesAsync(Many, daemon, 1000),
            FineRounds));

    public static async Task RunConnectionsAsync(BenchOptions options, Report report)
    {
        var others = new List<Driver>();
        try
        {
            AddRow(report, "Throughput with 2 000 idle connections, against none", 0.95, await TasksAsync(
                options, report, "2 000 idle connections with a session each",
                async daemon => others.Add(await Counterpart.StartAsync(daemon, "idle", "2000"))));
        }
        finally
        {
            foreach (var other in others) await other.DisposeAsync();
        }
    }

    public static async Task RunPrioritiesAsync(BenchOptions options, Report report)
    {
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "Tasks of one priority, and of 256", "task") { IsOfOneCount = true };
        await contest.RunAsync(options,
        [
            new TaskWork(daemon, BenchDaemon.Memory).Many(Few),
            new TaskWork(daemon, BenchDaemon.Memory, priorities: 256).Many(Many),
        ]);
        contest.Compare(
            "Throughput with 256 priorities, against one", Many, Few, Target.AtLeast(0.95), figures => figures.Rate);
    }

    public static async Task RunDelayedAsync(BenchOptions options, Report report)
    {
        var delayed = options.Rounds(full: 1_000_000, quick: 100_000);
        AddRow(report, $"Throughput with {Number(delayed)} delayed tasks, against none", 0.95, await TasksAsync(
            options, report, $"{Number(delayed)} tasks wait for their time", async daemon => await Fill.AddAsync(
                daemon.Client, BenchDaemon.WaitingMemory, delayed, Numbers.PayloadBytes, TimeSpan.FromDays(1))));
    }

    /// <summary>Tracked tasks in both, after the second daemon was given much of something.</summary>
    private static Task<Series> TasksAsync(
        BenchOptions options, Report report, string what, Func<BenchDaemon, Task> fillAsync) =>
        PairAsync(
            options, report, $"Tracked tasks, and {what}", "task",
            daemon => Task.FromResult(new TaskWork(daemon, BenchDaemon.Memory).Many(Few)),
            async daemon =>
            {
                await fillAsync(daemon);
                return new TaskWork(daemon, BenchDaemon.Memory).Many(Many);
            });

    private static async Task<Series> PairAsync(
        BenchOptions options, Report report, string title, string item,
        Func<BenchDaemon, Task<Ours>> startFewAsync, Func<BenchDaemon, Task<Ours>> startManyAsync,
        int fullRounds = 9)
    {
        using var folder = new BenchFolder();
        await using var few = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("few"));
        await using var many = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("many"));
        var (fewWork, manyWork) = (await startFewAsync(few), await startManyAsync(many));
        report.Figures.Add(new Figure($"{title}: resident memory of the daemon without", "MB", Resident(few)));
        report.Figures.Add(new Figure($"{title}: resident memory of the daemon with", "MB", Resident(many)));
        var contest = new Contest(report, title, item) { IsOfOneCount = true, FullRounds = fullRounds };
        await contest.RunAsync(options, [fewWork, manyWork]);
        return Series.Ratio(contest.Of(Many)!.Rate, contest.Of(Few)!.Rate);
    }

    private static Series Resident(BenchDaemon daemon) => new([Cost.ResidentBytes(daemon.ProcessId) / 1e6]);

    private static void AddRow(Report report, string what, double must, Series ratio) =>
        report.Rows.Add(new Row(what, "× as fast", Target.AtLeast(must), ratio));

    private static string Number(int number) =>
        number.ToString("#,##0", CultureInfo.InvariantCulture).Replace(',', ' ');
}
