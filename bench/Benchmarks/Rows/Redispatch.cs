using System.Diagnostics;
using Queued.Client;
using Queued.Worker;

namespace Queued.Benchmarks;

/// <summary>
/// How long a task is without a worker when its worker dies: from just before the SIGKILL to the first line of the
/// task's second attempt on a warm sibling. Both ends read CLOCK_MONOTONIC, which all processes of a machine share.
/// </summary>
internal static class Redispatch
{
    private const int Workers = 2;
    private const int WarmUp = 3;
    private const int WarmRuns = 30;

    public static async Task RunAsync(BenchOptions options, Report report)
    {
        var rounds = options.Rounds(full: 60, quick: 8);
        await using var pool = await ProcessPool.StartAsync(
            Workers, new ProcessPoolOptions { DaemonPath = options.Daemon.Path });
        var (whole, kernel, rest) = (new Series(), new Series(), new Series());
        for (var round = 0; round < WarmUp + rounds; round++)
        {
            var time = await RunOnceAsync(pool);
            if (round < WarmUp) continue;
            whole.Add(time.Whole.TotalMilliseconds);
            kernel.Add(time.Kernel.TotalMilliseconds);
            rest.Add((time.Whole - time.Kernel).TotalMilliseconds);
        }

        report.Rows.Add(new Row(
            "Worker killed, task running again on a warm sibling", "ms", Target.AtMost(10, 3), whole));
        report.Figures.Add(new Figure("… of which: the kernel ends the process", "ms", kernel));
        report.Figures.Add(new Figure("… of which: the end, until the task runs again", "ms", rest));
        report.Figures.Add(new Figure("… nine of ten are faster than", "ms", new Series([whole.At(0.9)])));
    }

    private static async Task<Again> RunOnceAsync(ProcessPool pool)
    {
        await WaitForWarmWorkersAsync(pool);
        var task = await pool.SubmitAsync(BeginAsync, true);
        var processId = 0;
        await foreach (var info in task.WatchAsync())
        {
            if (info.Progress is { } progress)
            {
                processId = (int)progress.Completed;
                break;
            }
        }

        using var end = new ProcessEnd(processId);
        using var worker = Process.GetProcessById(processId);
        var killed = Stopwatch.GetTimestamp();
        worker.Kill();
        var again = await task.GetResultAsync();
        return new Again(
            Stopwatch.GetElapsedTime(killed, again.Timestamp), Stopwatch.GetElapsedTime(killed, await end.Seen));
    }

    /// <summary>
    /// The first attempt says which process it is in and waits for its death; the next one tells when it began.
    /// </summary>
    public static async Task<Beginning> BeginAsync(bool hold, TaskContext task)
    {
        var began = Stopwatch.GetTimestamp();
        if (hold && task.Attempt == 1)
        {
            task.ReportProgress(Environment.ProcessId);
            await Task.Delay(Timeout.Infinite, task.CancellationToken);
        }

        return new Beginning(began, Environment.ProcessId);
    }

    /// <summary>Warm: every worker of the pool is there and has run the function before.</summary>
    private static async Task WaitForWarmWorkersAsync(ProcessPool pool)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await pool.Client.Pools.GetAsync(pool.Name) is not { ReadyCount: Workers, BusyCount: 0 })
        {
            await timer.WaitForNextTickAsync();
        }

        var options = new MapOptions { ChunkSize = 1 };
        var warm = new Dictionary<int, int>();
        while (warm.Count(runs => runs.Value >= WarmRuns) < Workers)
        {
            await foreach (var beginning in pool.MapAsync(BeginAsync, Enumerable.Repeat(false, 10 * Workers), options))
            {
                warm[beginning.ProcessId] = warm.GetValueOrDefault(beginning.ProcessId) + 1;
            }
        }
    }

    /// <summary>When an attempt began, and where.</summary>
    public sealed record Beginning(long Timestamp, int ProcessId);

    private readonly record struct Again(TimeSpan Whole, TimeSpan Kernel);
}
