namespace Queued.Benchmarks;

/// <summary>Two kinds of runs, in turn, so that what else the machine does falls on both.</summary>
internal sealed class Duel(
    (string Name, TaskRun Run, string Queue) left, (string Name, TaskRun Run, string Queue) right)
{
    private const int WarmUpRounds = 2;

    public async Task RunAsync(int rounds, int tasks)
    {
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            await left.Run.RunAsync(left.Queue, tasks);
            await right.Run.RunAsync(right.Queue, tasks);
            if (round >= 0) continue;
            left.Run.Forget();
            right.Run.Forget();
        }

        Console.WriteLine($"{rounds} rounds of {tasks} tasks; median (least–most) of the rounds");
        Console.WriteLine();
        Console.WriteLine($"| | {left.Name} | {right.Name} | ratio |");
        Console.WriteLine("|---|---|---|---|");
        Print("tasks/s", run => run.Rate, "0");
        Print("CPU of all processes, µs/task", run => run.Cpu, "0.0");
        Print("… of the client", run => run.CpuOf[0], "0.0");
        Print("… of the daemon", run => run.CpuOf[1], "0.0");
        Print("… of the workers", run => run.CpuOf[2], "0.0");
        Print("voluntary switches/task", run => run.Switches, "0.00");
    }

    private void Print(string name, Func<TaskRun, Series> series, string format)
    {
        var (one, other) = (series(left.Run), series(right.Run));
        var ratio = Series.Ratio(other, one);
        Console.WriteLine($"| {name} | {one.Show(format)} | {other.Show(format)} | {ratio.Show("0.00")} |");
    }
}
