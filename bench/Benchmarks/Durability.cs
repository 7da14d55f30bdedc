namespace Queued.Benchmarks;

/// <summary>The same tasks on a queue that is flushed and on one that is not, one after the other.</summary>
internal static class Durability
{
    private const int Workers = 2;
    private const int Slots = 8;

    public static async Task RunAsync(BenchOptions options)
    {
        var rounds = options.Rounds(full: 10, quick: 2);
        var tasks = options.Rounds(full: 300_000, quick: 50_000);
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New("daemon"));
        await using var client = daemon.NewClient();
        var workers = await BenchDaemon.StartWorkersAsync(client, Workers, Slots);
        Console.WriteLine($"{options.Daemon.Name} daemon, {folder.FileSystem}, {Workers} workers of {Slots} slots");
        var duel = new Duel(
            ("memory", new TaskRun(client, daemon.ProcessId, workers), BenchDaemon.Memory),
            ("fsync", new TaskRun(client, daemon.ProcessId, workers), BenchDaemon.Fsync));
        await duel.RunAsync(rounds, tasks);
    }
}
