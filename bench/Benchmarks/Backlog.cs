using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// What tasks that wait cost those that do not, and what one of them weighs. Two daemons, of which one has them, work
/// in turn.
/// </summary>
internal static class Backlog
{
    private const int Workers = 2;
    private const int Slots = 8;

    public static async Task RunAsync(BenchOptions options)
    {
        var waiting = options.Rounds(full: 1_000_000, quick: 100_000);
        using var folder = new BenchFolder();
        Console.WriteLine($"""
            {options.Daemon.Name} daemon, {folder.FileSystem}

            Growth of the daemon's resident memory for each task that waits, from {waiting / 10} to {waiting} tasks

            | queue | payload | bytes a task |
            |---|---|---|
            """);
        await WeighAsync(options, folder, BenchDaemon.WaitingMemory, waiting, 0);
        await WeighAsync(options, folder, BenchDaemon.WaitingMemory, waiting, 64);
        await WeighAsync(options, folder, BenchDaemon.WaitingFsync, waiting, 0);
        await WeighAsync(options, folder, BenchDaemon.WaitingFsync, waiting, 64);
        Console.WriteLine();
        await CompareAsync(options, folder, waiting);
    }

    private static async Task WeighAsync(
        BenchOptions options, BenchFolder folder, string queue, int waiting, int payloadBytes)
    {
        await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New($"{queue}-{payloadBytes}"));
        await using var client = daemon.NewClient();
        await Fill.AddAsync(client, queue, waiting / 10, payloadBytes);
        var before = Cost.ResidentBytes(daemon.ProcessId);
        await Fill.AddAsync(client, queue, waiting - (waiting / 10), payloadBytes);
        var grown = Cost.ResidentBytes(daemon.ProcessId) - before;
        Console.WriteLine($"| {queue} | {payloadBytes} | {grown / (waiting - (waiting / 10))} |");
    }

    private static async Task CompareAsync(BenchOptions options, BenchFolder folder, int waiting)
    {
        var rounds = options.Rounds(full: 10, quick: 2);
        var tasks = options.Rounds(full: 300_000, quick: 50_000);
        await using var idle = await BenchDaemon.StartAsync(options.Daemon, folder.New("none"));
        await using var full = await BenchDaemon.StartAsync(options.Daemon, folder.New("full"));
        await using var idleClient = idle.NewClient();
        await using var fullClient = full.NewClient();
        await Fill.AddAsync(fullClient, BenchDaemon.WaitingMemory, waiting, 64);
        var none = new TaskRun(idleClient, await ProcessesAsync(idle, idleClient));
        var many = new TaskRun(fullClient, await ProcessesAsync(full, fullClient));
        Console.WriteLine($"{Workers} workers of {Slots} slots, memory queues");
        var duel = new Duel(
            ("none waits", none, BenchDaemon.Memory), ($"{waiting} wait", many, BenchDaemon.Memory));
        await duel.RunAsync(rounds, tasks);
    }

    private static async Task<int[]> ProcessesAsync(BenchDaemon daemon, QueuedClient client) =>
        [Environment.ProcessId, daemon.ProcessId, .. await BenchDaemon.StartWorkersAsync(client, Workers, Slots)];
}
