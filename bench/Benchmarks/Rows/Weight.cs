namespace Queued.Benchmarks;

/// <summary>What a task that waits adds to the memory of the daemon.</summary>
internal static class Weight
{
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
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New($"{queue}-{payloadBytes}"));
        // From the half on, when the cache of the store has its full size.
        var (first, rest) = (waiting / 2, waiting - (waiting / 2));
        await Fill.AddAsync(daemon.Client, queue, first, payloadBytes);
        var before = Cost.ResidentBytes(daemon.ProcessId);
        await Fill.AddAsync(daemon.Client, queue, rest, payloadBytes);
        return new Series([(double)(Cost.ResidentBytes(daemon.ProcessId) - before) / rest]);
    }
}
