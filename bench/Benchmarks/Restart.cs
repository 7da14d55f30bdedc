namespace Queued.Benchmarks;

/// <summary>
/// From the start of the process to its ready line, on a store with many tasks that wait: after a SIGKILL, which brings
/// a check of the whole file, and as a native program and as one that is compiled while it starts.
/// </summary>
internal static class Restart
{
    private const int PayloadBytes = 64;

    public static async Task RunAsync(BenchOptions options)
    {
        var rounds = options.Rounds(full: 5, quick: 2);
        var tasks = options.Rounds(full: 1_000_000, quick: 50_000);
        using var folder = new BenchFolder();
        var (full, empty) = (folder.New("full"), folder.New("empty"));
        await using (var daemon = await BenchDaemon.StartAsync(options.Daemon, full))
        {
            await using var client = daemon.NewClient();
            await Fill.AddAsync(client, BenchDaemon.WaitingFsync, tasks, PayloadBytes);
        }

        var programs = new[] { options.Daemon, DaemonProgram.Jit }.Distinct().ToArray();
        var times = programs.ToDictionary(program => program, _ => (Full: new Starts(), Empty: new Starts()));
        for (var round = -1; round < rounds; round++)
        {
            foreach (var program in programs)
            {
                var start = await StartAsync(program, full, tasks);
                var bare = await StartAsync(program, empty, 0);
                if (round < 0) continue;
                times[program].Full.Add(start);
                times[program].Empty.Add(bare);
            }
        }

        var file = new FileInfo(Path.Combine(full, "data", "queued.db")).Length;
        Console.WriteLine($"""
            {folder.FileSystem}, {rounds} starts after a SIGKILL, a store of {file / 1_000_000} MB
            milliseconds to ready, and of CPU until then; median (least–most)

            | | no tasks | … CPU | {tasks} tasks | … CPU |
            |---|---|---|---|---|
            """);
        foreach (var (program, (tasksWait, none)) in times)
            Console.WriteLine($"| {program.Name} | {none} | {tasksWait} |");
    }

    private static async Task<(double Time, double Cpu)> StartAsync(DaemonProgram program, string folder, int tasks)
    {
        await using var daemon = await BenchDaemon.StartAsync(program, folder);
        var cpu = 1000 * Cost.Of([daemon.ProcessId]).CpuSeconds;
        await using var client = daemon.NewClient();
        var waiting = (await client.Queues.GetAsync(BenchDaemon.WaitingFsync)).QueuedCount;
        if (waiting != tasks) throw new InvalidOperationException($"{waiting} of {tasks} tasks are there.");
        await daemon.KillAsync();
        return (daemon.Start.TotalMilliseconds, cpu);
    }

    private sealed class Starts
    {
        private readonly Series _time = new();
        private readonly Series _cpu = new();

        public void Add((double Time, double Cpu) start)
        {
            _time.Add(start.Time);
            _cpu.Add(start.Cpu);
        }

        public override string ToString() => $"{_time.Show("0")} | {_cpu.Show("0")}";
    }
}
