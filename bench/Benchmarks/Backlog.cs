namespace Queued.Benchmarks;

/// <summary>What tasks that wait cost those that do not. Two daemons, of which one has them, work in turn.</summary>
internal static class Backlog
{
    private const int Workers = 2;
    private const int Slots = 8;

    public static async Task RunAsync(BenchOptions options)
    {
        var waiting = options.Rounds(full: 1_000_000, quick: 100_000);
        using var folder = new BenchFolder();
        var rounds = options.Rounds(full: 10, quick: 2);
        var tasks = options.Rounds(full: 300_000, quick: 50_000);
        await using var idle = await BenchDaemon.StartAsync(options.Daemon, folder.New("none"));
        await using var full = await BenchDaemon.StartAsync(options.Daemon, folder.New("full"));
        await using var idleClient = idle.NewClient();
        await using var fullClient = full.NewClient();
        await Fill.AddAsync(fullClient, BenchDaemon.WaitingMemory, waiting, 64);
        var none = new TaskRun(
            idleClient, idle.ProcessId, await BenchDaemon.StartWorkersAsync(idleClient, Workers, Slots));
        var many = new TaskRun(
            fullClient, full.ProcessId, await BenchDaemon.StartWorkersAsync(fullClient, Workers, Slots));
        Console.WriteLine($"{options.Daemon.Name} daemons, {Workers} workers of {Slots} slots, memory queues");
        var duel = new Duel(
            ("none waits", none, BenchDaemon.Memory), ($"{waiting} wait", many, BenchDaemon.Memory));
        await duel.RunAsync(rounds, tasks);
    }
}
