namespace Queued.Benchmarks;

/// <summary>Maps with chunks of a size that they find by themselves, and of given sizes.</summary>
internal static class Maps
{
    private const string Us = "queued, MapAsync, automatic chunks";
    private const string Pool = "Pool.map, automatic chunks";

    private static readonly int[] Chunks = [1, 4, 16, 64, 256, 1024, 4096];

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("daemon"));
        var contest = new Contest(report, "A map over inputs of 64 bytes, two workers", "input");
        await contest.RunAsync(options,
        [
            new MapWork(daemon).Automatic(Us),
            Pythons.Map(Pool, itemsMin: MapWork.ItemsMin),
            Pythons.ExecutorMap("ProcessPoolExecutor.map, chunk 5000", chunk: 5000, MapWork.ItemsMin),
            Pythons.Joblib("joblib, automatic batches"),
        ]);
        contest.Compare(
            "MapAsync with automatic chunks against Pool.map with automatic chunks", Us, Pool, Target.AtLeast(1, 2),
            figures => figures.Rate);
    }

    /// <summary>Throughput by the number of inputs in a task.</summary>
    public static async Task RunBatchesAsync(BenchOptions options, Report report)
    {
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartWithWorkersAsync(options.Daemon, folder.New("daemon"));
        const string us = "queued, MapAsync";
        const string pool = "Pool.map";
        var points = new Dictionary<string, List<(double Chunk, double Rate)>> { [us] = [], [pool] = [] };
        foreach (var chunk in options.IsQuick ? Chunks[..5] : Chunks)
        {
            var contest = new Contest(report, $"A map in chunks of {chunk}", "input");
            await contest.RunAsync(options, [new MapWork(daemon).InChunks(us, chunk), Pythons.Map(pool, chunk)]);
            foreach (var (name, curve) in points)
            {
                if (contest.Of(name) is { } figures) curve.Add((chunk, figures.Rate.Median));
            }
        }

        report.Plots.Add(new Plot(
            "batches", "Throughput by chunk size", "inputs in a chunk", "inputs/s", IsYLog: true,
            [.. points.Select(curve => new Curve(
                curve.Key,
                [.. curve.Value.Select(point => point.Chunk)],
                [.. curve.Value.Select(point => point.Rate)]))]));
    }
}
