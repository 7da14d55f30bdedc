using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>Workers are replaced while tasks go on: between attempts, unless memory allows no more waiting.</summary>
public sealed class RecyclingTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private const long Megabyte = 1024 * 1024;

    private FaultDaemon Daemon => shared.Daemon;

    [Fact]
    public async Task A_worker_above_its_hard_memory_limit_is_killed_and_its_task_says_out_of_memory()
    {
        await using var pool = await Daemon.AddPoolAsync(3, spec => spec with { MemoryHardBytes = 300 * Megabyte });
        using var sibling = await pool.HoldAsync();

        var task = await pool.DieAsync("eat", faultyAttempts: 1);
        var outcome = await task.WaitAsync();

        Assert.Equal((TaskState.Succeeded, 2), (outcome.State, outcome.Attempt));
        var failure = (await task.GetInfoAsync()).Attempts[0].Failure!;
        Assert.Equal((FailureKind.OutOfMemory, Processes.KillSignal), (failure.Kind, failure.Signal));
        Assert.InRange(failure.PeakResidentBytes!.Value, 300 * Megabyte, long.MaxValue);
        Assert.Contains("eat in attempt 1\n", failure.OutputTail, StringComparison.Ordinal);
        await pool.IsFullAsync();
        await sibling.WasNotDisturbedAsync();
    }

    [Fact]
    public async Task Tasks_max_replaces_workers_between_their_attempts_only()
    {
        await using var pool = await Daemon.AddPoolAsync(2, spec => spec with { TasksMax = 10, RecycleJitter = 0 });

        await RunSquaresAsync(pool, 50, () => Task.CompletedTask);

        var restarts = (await pool.IsFullAsync()).RestartsTotal;
        Assert.True(restarts is >= 3 and <= 5, $"{restarts} restarts\n{Daemon.Log}");
    }

    [Fact]
    public async Task Age_max_waits_for_the_attempt_that_runs()
    {
        await using var pool = await Daemon.AddPoolAsync(
            1, spec => spec with { AgeMax = TimeSpan.FromSeconds(2), RecycleJitter = 0 });
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("hold", gate.Path);
        await gate.ArrivedAsync();
        var old = (await task.GetInfoAsync()).Attempts[0].WorkerId;

        await Eventually.BecomesAsync(
            pool.WorkersAsync,
            workers => workers.Any(worker => worker.Id == old && worker.State == WorkerState.Draining) &&
                workers.Any(worker => worker.Id != old && worker.State == WorkerState.Ready),
            "an old worker on its way out and another that is ready");
        Assert.Equal(9, await (await pool.SubmitAsync<int, int>("square", 3)).GetResultAsync());
        gate.Open();

        var outcome = await task.WaitAsync();
        Assert.Equal((TaskState.Succeeded, 1, old), (outcome.State, outcome.Attempt, outcome.WorkerId));
        await Eventually.BecomesAsync(
            pool.WorkersAsync, workers => workers.All(worker => worker.Id != old), "an end of the old worker");
    }

    [Fact]
    public async Task A_reload_under_load_loses_nothing()
    {
        await using var pool = await Daemon.AddPoolAsync(2);
        using var sibling = await pool.HoldAsync();
        var before = await pool.WorkersAsync();

        await RunSquaresAsync(pool, 2000, async () =>
        {
            await Daemon.Client.Pools.ReloadAsync(pool.Name);
            await Eventually.BecomesAsync(
                pool.InfoAsync, info => info.RestartsTotal >= 2, "a start of the new workers");
            await Daemon.Client.Pools.ReloadAsync(pool.Name);
        });

        await sibling.WasNotDisturbedAsync();
        var info = await pool.IsFullAsync();
        Assert.Equal(2, info.Generation - before[0].Generation);
        Assert.All(await pool.WorkersAsync(), worker => Assert.Equal(info.Generation, worker.Generation));
    }

    [Fact]
    public async Task A_pool_grows_and_shrinks_without_disturbing_what_runs()
    {
        await using var pool = await Daemon.AddPoolAsync(2);
        using var first = await pool.HoldAsync();
        using var second = await pool.HoldAsync();

        await Daemon.Client.Pools.ScaleAsync(pool.Name, 3);
        Assert.Equal(16, await (await pool.SubmitAsync<int, int>("square", 4)).GetResultAsync());
        await Daemon.Client.Pools.ScaleAsync(pool.Name, 0);

        await first.WasNotDisturbedAsync();
        await second.WasNotDisturbedAsync();
        await Eventually.BecomesAsync(pool.WorkersAsync, workers => workers.Count == 0, "an end of all workers");
        var waiting = await pool.SubmitAsync<int, int>("square", 5);
        await Daemon.Client.Pools.ScaleAsync(pool.Name, 1);
        Assert.Equal(25, await waiting.GetResultAsync());
    }

    private async Task RunSquaresAsync(FaultPool pool, int count, Func<Task> meanwhile)
    {
        var options = new SubmitOptions { Queue = pool.Name };
        var tasks = await Daemon.Client.SubmitManyAsync("square", Enumerable.Range(0, count), options);
        await meanwhile();
        var outcomes = await Daemon.Client.WaitAllAsync(tasks.Select(task => task.GetTask()));
        Assert.All(outcomes, outcome => Assert.Equal(TaskState.Succeeded, outcome.State));
        // What a worker had not begun when it left was given to another one: that is no lost delivery.
        foreach (var again in outcomes.Where(outcome => outcome.Attempt > 1))
        {
            var info = await Daemon.Client.GetTaskAsync(again.Id);
            Assert.Equal((0, 0), (info.FailedAttempts, info.LostDeliveries));
        }

        Assert.Equal(
            Enumerable.Range(0, count).Select(number => $"{number * number}"),
            outcomes.Select(outcome => outcome.Result!.Value.ReadText()));
    }
}
