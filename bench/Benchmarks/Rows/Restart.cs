using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>
/// From the start of the process to its ready line, on a store with many tasks that wait: after a SIGKILL, which brings
/// a check of the whole file, and as a native program and as one that is compiled while it starts.
/// </summary>
internal static class Restart
{
    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var rounds = options.Rounds(full: 5, quick: 2);
        var tasks = options.Rounds(full: 1_000_000, quick: 50_000);
        using var folder = new BenchFolder();
        var (full, empty) = (folder.New("full"), folder.New("empty"));
        await using (var daemon = await BenchDaemon.StartAsync(options.Daemon, full))
        {
            await Fill.AddAsync(daemon.Client, BenchDaemon.WaitingFsync, tasks, Numbers.PayloadBytes);
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

        var number = tasks.ToString("#,##0", CultureInfo.InvariantCulture).Replace(',', ' ');
        report.Rows.Add(new Row(
            $"Restart with {number} durable tasks waiting, {options.Daemon.Name}: to ready", "ms",
            Target.AtMost(3000, 1000), times[options.Daemon].Full.Time));
        foreach (var (program, (waiting, none)) in times)
        {
            report.Figures.Add(new Figure($"{program.Name}: {number} tasks, to ready", "ms", waiting.Time));
            report.Figures.Add(new Figure("… CPU until then", "ms", waiting.Cpu));
            report.Figures.Add(new Figure($"{program.Name}: no tasks, to ready", "ms", none.Time));
            report.Figures.Add(new Figure("… CPU until then", "ms", none.Cpu));
        }

        var file = new FileInfo(Path.Combine(full, "data", "queued.db")).Length;
        report.Figures.Add(new Figure("Size of the store", "MB", new Series([file / 1e6])));
    }

    private static async Task<(double Time, double Cpu)> StartAsync(DaemonProgram program, string folder, int tasks)
    {
        await using var daemon = await BenchDaemon.StartAsync(program, folder);
        var cpu = 1000 * Cost.Of([daemon.ProcessId]).CpuSeconds;
        var waiting = (await daemon.Client.Queues.GetAsync(BenchDaemon.WaitingFsync)).QueuedCount;
        if (waiting != tasks) throw new InvalidOperationException($"{waiting} of {tasks} tasks are there.");
        await daemon.KillAsync();
        return (daemon.Start.TotalMilliseconds, cpu);
    }

    private sealed class Starts
    {
        public Series Time { get; } = new();

        public Series Cpu { get; } = new();

        public void Add((double Time, double Cpu) start)
        {
            Time.Add(start.Time);
            Cpu.Add(start.Cpu);
        }
    }
}
