using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>Tasks that wait for tasks of their own pool.</summary>
public sealed class NestedTaskTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    [Fact]
    public async Task A_pool_of_one_worker_runs_tasks_that_wait_for_tasks_three_deep()
    {
        await using var pool = await shared.Daemon.AddPoolAsync(1);
        var worker = Assert.Single(await pool.WorkersAsync());

        var task = await pool.SubmitAsync<int, int>("nest", 3);

        Assert.Equal(3, await task.GetResultAsync());
        Assert.Equal(1, (await task.WaitAsync()).Attempt);
        Assert.Equal(worker.Id, Assert.Single(await pool.WorkersAsync()).Id);
        Assert.Equal(4, (await pool.InfoAsync()).AttemptsTotal);
    }

    [Fact]
    public async Task Many_tasks_that_wait_for_others_share_two_workers()
    {
        await using var pool = await shared.Daemon.AddPoolAsync(2);
        var options = new SubmitOptions { Queue = pool.Name };

        var tasks = await shared.Daemon.Client.SubmitManyAsync("nest", Enumerable.Repeat(3, 10), options);
        var outcomes = await shared.Daemon.Client.WaitAllAsync(tasks.Select(task => task.GetTask()));

        Assert.All(outcomes, outcome => Assert.Equal((TaskState.Succeeded, 1), (outcome.State, outcome.Attempt)));
    }
}
