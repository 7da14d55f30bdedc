using System.Diagnostics;
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

    public static async Task RunAsync(BenchOptions options)
    {
        var rounds = options.Rounds(full: 30, quick: 3);
        var lone = options.Rounds(full: 300, quick: 100);
        using var folder = new BenchFolder();
        using var flush = new RawFlush(Path.Combine(folder.New("raw"), "log"), LogBytes);
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New("daemon"));
        await using var client = daemon.NewClient();
        var many = Enumerable.Range(0, Submitters).Select(_ => daemon.NewClient()).ToArray();
        QueuedClient[] shared = [.. Enumerable.Repeat(client, Submitters)];
        var (bare, one, oneRate, sharedRate, ownRate) =
            (new Series(), new Series(), new Series(), new Series(), new Series());
        var taken = new HashSet<TaskId>();
        int[] processes = [Environment.ProcessId, daemon.ProcessId];
        var (oneCost, sharedCost, ownCost) = (default(Cost), default(Cost), default(Cost));
        for (var round = -2; round < rounds; round++)
        {
            var isWarmUp = round < 0;
            var times = Flush(flush, lone);
            if (!isWarmUp) bare.Add(times);

            var before = Cost.Of(processes);
            var (latency, rate) = await SubmitAsync([client], lone, taken);
            if (!isWarmUp)
            {
                oneCost += Cost.Of(processes) - before;
                one.Add(latency);
                oneRate.Add(rate);
            }

            before = Cost.Of(processes);
            (_, rate) = await SubmitAsync(shared, 10 * lone / Submitters, taken);
            if (!isWarmUp)
            {
                sharedCost += Cost.Of(processes) - before;
                sharedRate.Add(rate);
            }

            before = Cost.Of(processes);
            (_, rate) = await SubmitAsync(many, 10 * lone / Submitters, taken);
            if (isWarmUp) continue;
            ownCost += Cost.Of(processes) - before;
            ownRate.Add(rate);
        }

        var waiting = (await client.Queues.GetAsync(BenchDaemon.WaitingFsync)).QueuedCount;
        if (waiting != taken.Count) throw new InvalidOperationException($"{taken.Count} were taken, {waiting} wait.");
        foreach (var other in many) await other.DisposeAsync();

        var over = new Series();
        for (var round = 0; round < rounds; round++) over.Add(one.Values[round] - bare.Values[round]);
        Console.WriteLine($"""
            {options.Daemon.Name} daemon, {folder.FileSystem}, {rounds} rounds; median (least–most) of the rounds

            | | figure |
            |---|---|
            | bare flush of {LogBytes} bytes, µs | {bare.Show("0")} |
            | one submitter, median of a round, µs | {one.Show("0")} |
            | … over the bare flush, µs | {over.Show("0")} |
            | one submitter, tasks/s | {oneRate.Show("0")} |
            | {Submitters} submitters on one connection, tasks/s | {sharedRate.Show("0")} |
            | … against one | {Series.Ratio(sharedRate, oneRate).Show("0.0")} |
            | {Submitters} submitters on {Submitters} connections, tasks/s | {ownRate.Show("0")} |
            | … against one | {Series.Ratio(ownRate, oneRate).Show("0.0")} |

            CPU and voluntary switches of client and daemon for each task:
            one {Show(oneCost, rounds * lone)}, shared {Show(sharedCost, ManyTasks())}, own {Show(ownCost, ManyTasks())}
            """);

        int ManyTasks() => rounds * (10 * lone / Submitters) * Submitters;
    }

    private static string Show(Cost cost, int tasks) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{1e6 * cost.CpuSeconds / tasks:0.0} µs and {(double)cost.Switches / tasks:0.00}");

    /// <returns>The median in microseconds.</returns>
    private static double Flush(RawFlush flush, int count)
    {
        var times = new Series();
        for (var index = 0; index < count; index++)
        {
            var started = Stopwatch.GetTimestamp();
            flush.Write();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        return times.Median;
    }

    /// <summary>Each of the clients submits so many, one after the other.</summary>
    private static async Task<(double Median, double Rate)> SubmitAsync(
        QueuedClient[] clients, int each, HashSet<TaskId> taken)
    {
        var options = new SubmitOptions { Queue = BenchDaemon.WaitingFsync };
        var payload = new TaskPayload(new byte[64]);
        var started = Stopwatch.GetTimestamp();
        var all = await Task.WhenAll(clients.Select(SubmitSomeAsync));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var times = new Series();
        foreach (var (task, time) in all.SelectMany(some => some))
        {
            if (!taken.Add(task)) throw new InvalidOperationException($"Task {task} was given twice.");
            times.Add(time);
        }

        return (times.Median, times.Values.Count / elapsed.TotalSeconds);

        async Task<List<(TaskId Task, double Time)>> SubmitSomeAsync(QueuedClient client)
        {
            var some = new List<(TaskId, double)>(each);
            for (var index = 0; index < each; index++)
            {
                var began = Stopwatch.GetTimestamp();
                var task = await client.SubmitAsync(EchoWorker.Handler, payload, options);
                some.Add((task.Id, Stopwatch.GetElapsedTime(began).TotalMicroseconds));
            }

            return some;
        }
    }
}
