namespace Queued.Benchmarks;

/// <summary>What a task that waits adds to the memory of the daemon.</summary>
internal static class Weight
{
    public static async Task RunAsync(BenchOptions options)
    {
        var waiting = options.Rounds(full: 1_000_000, quick: 100_000);
        using var folder = new BenchFolder();
        Console.WriteLine($"""
            {options.Daemon.Name} daemon
            Growth of its resident memory from {waiting / 2} to {waiting} waiting tasks

            | queue | payload | bytes a task |
            |---|---|---|
            """);
        foreach (var queue in (string[])[BenchDaemon.WaitingMemory, BenchDaemon.WaitingFsync])
        {
            foreach (var payloadBytes in (int[])[0, 64])
                await WeighAsync(options, folder, queue, waiting, payloadBytes);
        }
    }

    private static async Task WeighAsync(
        BenchOptions options, BenchFolder folder, string queue, int waiting, int payloadBytes)
    {
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New($"{queue}-{payloadBytes}"));
        await using var client = daemon.NewClient();
        // From the half on, when the cache of the store has its full size.
        var (first, rest) = (waiting / 2, waiting - (waiting / 2));
        await Fill.AddAsync(client, queue, first, payloadBytes);
        var before = Cost.ResidentBytes(daemon.ProcessId);
        await Fill.AddAsync(client, queue, rest, payloadBytes);
        var grown = Cost.ResidentBytes(daemon.ProcessId) - before;
        Console.WriteLine($"| {queue} | {payloadBytes} | {grown / rest} |");
    }
}
