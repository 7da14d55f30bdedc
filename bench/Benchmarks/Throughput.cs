using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>Tasks on a memory queue, each a task of its own: mapped one input a task, and each awaited by itself.</summary>
internal static class Throughput
{
    private const int Workers = 2;
    private const int Slots = 8;

    public static async Task RunAsync(BenchOptions options)
    {
        var rounds = options.Rounds(full: 10, quick: 4);
        var tasks = options.Rounds(full: 500_000, quick: 300_000);
        using var folder = new BenchFolder();
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New("daemon"));
        await using var client = daemon.NewClient();
        var workers = await BenchDaemon.StartWorkersAsync(client, Workers, Slots);
        Console.WriteLine($"{options.Daemon.Name} daemon, {Workers} workers of {Slots} slots");
        var duel = new Duel(
            ("map", new TaskRun(client, daemon.ProcessId, workers) { Maps = true }, BenchDaemon.Memory),
            ("run", new TaskRun(client, daemon.ProcessId, workers), BenchDaemon.Memory));
        await duel.RunAsync(rounds, tasks);
    }
}
