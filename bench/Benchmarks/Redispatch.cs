using System.Diagnostics;
using System.Globalization;
using Queued.Client;
using Queued.Worker;

namespace Queued.Benchmarks;

/// <summary>
/// How long a task is without a worker when its worker dies: from just before the SIGKILL to the first line of the
/// task's second attempt on a warm sibling. Both ends read CLOCK_MONOTONIC, which all processes of a machine share.
/// </summary>
internal static class Redispatch
{
    public const int Workers = 2;
    private const int WarmUp = 5;

    public static async Task RunAsync(ProcessPool pool, int rounds)
    {
        var times = new List<double>(rounds);
        for (var round = 0; round < WarmUp + rounds; round++)
        {
            var milliseconds = await RunOnceAsync(pool);
            if (round >= WarmUp)
            {
                times.Add(milliseconds);
            }
        }

        times.Sort();
        Console.WriteLine("| | median | 90 % | 99 % | least | most | rounds |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| SIGKILL → runs again, ms | {At(times, 0.5):0.00} | {At(times, 0.9):0.00} | {At(times, 0.99):0.00} " +
            $"| {times[0]:0.00} | {times[^1]:0.00} | {times.Count} |"));
    }

    private static async Task<double> RunOnceAsync(ProcessPool pool)
    {
        await WaitForWarmWorkersAsync(pool);
        var task = await pool.SubmitAsync(HoldThenTellAsync, 0);
        var processId = 0;
        await foreach (var info in task.WatchAsync())
        {
            if (info.Progress is { } progress)
            {
                processId = (int)progress.Completed;
                break;
            }
        }

        using var worker = Process.GetProcessById(processId);
        var killed = Stopwatch.GetTimestamp();
        worker.Kill();
        var started = await task.GetResultAsync();
        return Stopwatch.GetElapsedTime(killed, started).TotalMilliseconds;
    }

    /// <summary>
    /// The first attempt says which process it is in and waits for its death; the next one tells when it began.
    /// </summary>
    public static async Task<long> HoldThenTellAsync(int input, TaskContext task)
    {
        var began = Stopwatch.GetTimestamp();
        if (task.Attempt == 1)
        {
            task.ReportProgress(Environment.ProcessId);
            await Task.Delay(Timeout.Infinite, task.CancellationToken);
        }

        return began;
    }

    private static async Task WaitForWarmWorkersAsync(ProcessPool pool)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await pool.Client.Pools.GetAsync(pool.Name)) is not { ReadyCount: Workers, BusyCount: 0 })
        {
            await timer.WaitForNextTickAsync();
        }
    }

    private static double At(List<double> sorted, double share) =>
        sorted[Math.Min((int)(share * sorted.Count), sorted.Count - 1)];
}
