using System.Diagnostics;
using Queued.Client;

namespace Queued.Samples.Demo;

/// <summary>The demo, from the files to the verdict.</summary>
internal sealed class DemoRun(ProcessPool pool, int workers, Report report)
{
    /// <summary>
    /// Results in any order, and kept for a while so that the killed worker's task can be looked at afterwards.
    /// </summary>
    private static readonly MapOptions Options = new()
    {
        Ordered = false,
        Submit = new SubmitOptions { ResultTtl = TimeSpan.FromMinutes(10) },
    };

    public const long LittleBytes = 64 * 1024 * 1024;

    public async Task<bool> RunAsync(InputFiles files)
    {
        report.Input(files, workers);

        var start = Stopwatch.GetTimestamp();
        var expected = files.Paths.Select(FileFacts.Read).ToDictionary(facts => facts.Path);
        var inProcess = Stopwatch.GetElapsedTime(start);

        await WaitUntilReadyAsync(workers);
        var kill = new BusyWorkerKill(pool.Client, pool.Name);
        var many = await MapAsync($"{workers} workers", files, kill);
        await pool.Client.Pools.ScaleAsync(pool.Name, 1);
        await WaitUntilReadyAsync(1);
        var one = await MapAsync("1 worker", files, kill: null);

        var checks = new[] { Check.Compare(expected, many.Results), Check.Compare(expected, one.Results) };
        report.Results(files, checks, many, one, inProcess, kill.Victim);

        var recovered = await ReportKillAsync(kill);

        var command = await pool.Client.ExecAsync(new ExecRequest { Arguments = ["uname", "-srm"] });
        report.Command("uname -srm", command);
        return checks.All(check => check.IsGood) && recovered && command.ExitCode == 0;
    }

    /// <summary>True: the killed worker's task succeeded all the same, or nobody was killed.</summary>
    private async Task<bool> ReportKillAsync(BusyWorkerKill kill)
    {
        if (kill is not { Victim: { } victim, Attempt: { } attempt })
        {
            report.NobodyKilled();
            return true;
        }

        var task = await pool.Client.GetTaskAsync(attempt.Task);
        report.Killed(victim, attempt, task);
        return task.State == TaskState.Succeeded;
    }

    /// <summary>A pool is usable from its first worker on; a comparison wants all of them.</summary>
    private async Task WaitUntilReadyAsync(int count)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        PoolInfo info;
        do
        {
            await timer.WaitForNextTickAsync();
            info = await pool.Client.Pools.GetAsync(pool.Name);
        }
        while (info.ReadyCount != count || info.DrainingCount > 0);
    }

    /// <summary>One map. The kill comes after a third of the bytes, or at once where there is little to do.</summary>
    private async Task<MapRun> MapAsync(string title, InputFiles files, BusyWorkerKill? kill)
    {
        var results = new List<FileFacts>(files.Paths.Count);
        var start = Stopwatch.GetTimestamp();
        await report.ProgressAsync(title, files.Bytes, async advance =>
        {
            using var ended = new CancellationTokenSource();
            var killing = kill is not null && files.Bytes < LittleBytes ? kill.RunAsync(ended.Token) : null;
            long bytes = 0;
            try
            {
                await foreach (var facts in pool.MapAsync(FileFacts.Read, files.Paths, Options))
                {
                    results.Add(facts);
                    advance(facts.Bytes);
                    bytes += facts.Bytes;
                    if (bytes > files.Bytes / 3)
                    {
                        killing ??= kill?.RunAsync(ended.Token);
                    }
                }
            }
            finally
            {
                await ended.CancelAsync();
                await (killing ?? Task.CompletedTask);
            }
        });
        return new MapRun(results, Stopwatch.GetElapsedTime(start));
    }
}
