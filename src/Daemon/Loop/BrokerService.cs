using Queued.Broker;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Loop;

/// <summary>Starts the loop with its declared queues and pools. A mistake in these fails the start.</summary>
internal sealed class BrokerService(
    BrokerLoop loop, IStore store, SupervisionBridge bridge, BrokerLoopOptions options) : IHostedLifecycleService
{
    private Task _bridging = Task.CompletedTask;
    private Task _telling = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loop.Restore(store.Load());
        store.SpaceChanged += isShort => _telling = TellAsync(new Command.StoreSpaceChanged(isShort), _telling);
        _bridging = bridge.RunAsync(loop);
        return Task.CompletedTask;
    }

    // The server starts after this service, and a pool's first workers must find it listening.
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        loop.Start();
        foreach (var queue in options.Queues)
        {
            if (queue.Settings.Durability != Durability.Memory && !options.HasStore)
            {
                throw new InvalidOperationException(
                    $"The queue '{queue.Name}' is to be {queue.Settings.Durability}, and this daemon has no store.");
            }

            await ConfigureAsync<Response.OneQueue>(
                $"queues.{queue.Name}", request => new Command.DeclareQueue(request, queue.Name, queue.Settings),
                cancellationToken);
        }

        foreach (var pool in options.Pools)
        {
            await ConfigureAsync<Response.OnePool>(
                $"pools.{pool.Name}", request => new Command.CreatePool(request, pool, IsConfigured: true),
                cancellationToken);
        }
    }

    /// <exception cref="RejectedException">The core refused what the configuration says there.</exception>
    private async Task ConfigureAsync<TResponse>(
        string key, Func<RequestId, Command> command, CancellationToken cancellationToken)
        where TResponse : Response
    {
        try
        {
            await loop.AskAsync<TResponse>(command, cancellationToken);
        }
        catch (RejectedException e)
        {
            throw new RejectedException(e.Rejection with { Message = $"{key}: {e.Rejection.Message}" });
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        bridge.Complete();
        await _bridging.WaitAsync(cancellationToken);
    }

    // The store's thread must not wait for the loop, which may wait for the store. What it says last counts.
    private async Task TellAsync(Command command, Task earlier)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await loop.TellAsync(command, CancellationToken.None);
        }
        catch (BrokerStoppedException)
        {
            // Then nothing is submitted either.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
