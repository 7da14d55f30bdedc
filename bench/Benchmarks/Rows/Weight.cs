namespace Queued.Benchmarks;

/// <summary>What a task that waits adds to the memory of the daemon.</summary>
internal static class Weight
{
    /// <summary>
    /// So many times the first filling: from one million to the next it is chance what the collector has just freed,
    /// and what it has not looked at yet.
    /// </summary>
    private const int Fillings = 3;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var waiting = options.Rounds(full: 1_000_000, quick: 100_000);
        using var folder = new BenchFolder();
        foreach (var queue in (string[])[BenchDaemon.WaitingMemory, BenchDaemon.WaitingFsync])
        {
            foreach (var payloadBytes in (int[])[0, Numbers.PayloadBytes])
            {
                var kind = queue["waiting-".Length..];
                var what = $"Memory of a waiting task, {kind} queue, payload of {payloadBytes} bytes";
                var weight = await WeighAsync(options, folder, queue, waiting, payloadBytes);
                if (payloadBytes == 0) report.Rows.Add(new Row(what, "bytes", Target.AtMost(200, 64), weight));
                else report.Figures.Add(new Figure(what, "bytes", weight));
            }
        }
    }

    private static async Task<Series> WeighAsync(
        BenchOptions options, BenchFolder folder, string queue, int waiting, int payloadBytes)
    {
        var weights = new double[options.Rounds(full: 3, quick: 1)];
        for (var round = 0; round < weights.Length; round++)
        {
            await using var daemon = await BenchDaemon.StartAsync(
                options.Daemon, folder.New($"{queue}-{payloadBytes}-{round}"));
            // Some before: without them the cache of the store, which has a bound, grows still.
            await Fill.AddAsync(daemon.Client, queue, waiting, payloadBytes);
            var before = Cost.ResidentBytes(daemon.ProcessId);
            for (var filling = 0; filling < Fillings; filling++)
                await Fill.AddAsync(daemon.Client, queue, waiting, payloadBytes);
            weights[round] = (double)(Cost.ResidentBytes(daemon.ProcessId) - before) / (Fillings * waiting);
        }

        return new Series(weights);
    }
}
