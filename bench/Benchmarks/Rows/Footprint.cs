namespace Queued.Benchmarks;

/// <summary>What a daemon takes that has nothing to do, and how soon it is there.</summary>
internal static class Footprint
{
    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var idle = TimeSpan.FromSeconds(options.Rounds(full: 30, quick: 3));
        var (start, resident, cpu, guards) = (new Series(), new Series(), new Series(), new Series());
        using var folder = new BenchFolder();
        for (var round = 0; round < options.Rounds(full: 5, quick: 3); round++)
        {
            await using var daemon = await BenchDaemon.StartAsync(options.Daemon, folder.New($"daemon-{round}"));
            start.Add(daemon.Start.TotalMilliseconds);
            // One second for what a start leaves behind it.
            await WaitAsync(TimeSpan.FromSeconds(1));
            var before = Cost.Of([daemon.ProcessId]).CpuSeconds;
            await WaitAsync(idle);
            cpu.Add(100 * (Cost.Of([daemon.ProcessId]).CpuSeconds - before) / idle.TotalSeconds);
            resident.Add(Cost.ResidentBytes(daemon.ProcessId) / 1e6);
            guards.Add(ProcessTree.Of([daemon.ProcessId])[1..].Sum(Cost.ResidentBytes) / 1e6);
        }

        var name = $"Idle daemon, {options.Daemon.Name}";
        report.Rows.Add(new Row($"{name}: resident", "MB", Target.AtMost(40, 25), resident));
        report.Rows.Add(new Row($"{name}: CPU", "% of a core", Target.AtMost(0.2), cpu));
        report.Rows.Add(new Row($"{name}: start to ready", "ms", Target.AtMost(150, 60), start));
        report.Figures.Add(new Figure("Resident memory of the guard process beside it", "MB", guards));
    }

    private static async Task WaitAsync(TimeSpan time)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync();
    }
}
