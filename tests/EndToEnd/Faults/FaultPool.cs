using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>A pool with a queue of its own.</summary>
internal sealed class FaultPool(FaultDaemon daemon, string name, int size) : IAsyncDisposable
{
    public string Name => name;

    public int Size => size;

    private QueuedClient Client => daemon.Client;

    public Task<TaskHandle<TOut>> SubmitAsync<TIn, TOut>(string handler, TIn input, SubmitOptions? options = null) =>
        Client.SubmitAsync<TIn, TOut>(handler, input, (options ?? new SubmitOptions()) with { Queue = name });

    /// <summary>A task of a handler that dies in its first attempts, as many as are given.</summary>
    public Task<TaskHandle<int>> DieAsync(string handler, int faultyAttempts, SubmitOptions? options = null) =>
        SubmitAsync<int, int>(handler, faultyAttempts, options);

    /// <summary>A worker that is busy for as long as the test likes; completes when it is.</summary>
    public async Task<Sibling> HoldAsync()
    {
        var gate = daemon.AddGate();
        var task = await SubmitAsync<string, int>("hold", gate.Path);
        await gate.ArrivedAsync();
        return new Sibling(gate, task);
    }

    public Task<PoolInfo> InfoAsync() => Client.Pools.GetAsync(name);

    public async Task<IReadOnlyList<WorkerInfo>> WorkersAsync()
    {
        List<WorkerInfo> workers = [];
        await foreach (var worker in Client.Workers.ListAsync(name))
        {
            workers.Add(worker);
        }

        return workers;
    }

    /// <summary>All its places have a worker that is ready, and none of the old ones is left.</summary>
    public Task<PoolInfo> IsFullAsync() => Eventually.BecomesAsync(
        InfoAsync,
        pool => pool.State == PoolState.Active && pool.ReadyCount == size && pool.StartingCount == 0 &&
            pool.DrainingCount == 0,
        $"{size} ready workers in {name}",
        describe: pool => $"Last seen: {pool}");

    public async Task<IReadOnlyList<TaskInfo>> DeadAsync()
    {
        List<TaskInfo> dead = [];
        await foreach (var task in Client.Queues.ListDeadAsync(name))
        {
            dead.Add(task);
        }

        return dead;
    }

    public async ValueTask DisposeAsync() => await Client.Pools.DeleteAsync(name);
}

/// <summary>An attempt that has nothing to do with the fault, in the same pool.</summary>
internal sealed class Sibling(Gate gate, TaskHandle<int> task) : IDisposable
{
    /// <summary>Lets it go on, and shows that it was left alone all the time.</summary>
    public async Task WasNotDisturbedAsync()
    {
        Assert.Equal(TaskState.Running, (await task.GetInfoAsync()).State);
        gate.Open();
        var outcome = await task.WaitAsync();
        Assert.Equal((TaskState.Succeeded, 1), (outcome.State, outcome.Attempt));
        Assert.Equal(0, (await task.GetInfoAsync()).LostDeliveries);
    }

    public void Dispose() => gate.Dispose();
}
