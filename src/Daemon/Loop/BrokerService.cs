using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>Starts the loop with its declared queues and pools. A mistake in these fails the start.</summary>
internal sealed class BrokerService(
    BrokerLoop loop, SupervisionBridge bridge, BrokerLoopOptions options) : IHostedLifecycleService
{
    private Task _bridging = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loop.Start();
        _bridging = bridge.RunAsync(loop);
        return Task.CompletedTask;
    }

    // The server starts after this service, and a pool's first workers must find it listening.
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in options.Queues)
        {
            if (queue.Settings.Durability != Durability.Memory && !options.HasStore)
            {
                throw new InvalidOperationException(
                    $"The queue '{queue.Name}' is to be {queue.Settings.Durability}, and this daemon has no store.");
            }

            await loop.AskAsync<Response.OneQueue>(
                request => new Command.DeclareQueue(request, queue.Name, queue.Settings), cancellationToken);
        }

        foreach (var pool in options.Pools)
        {
            await loop.AskAsync<Response.OnePool>(
                request => new Command.CreatePool(request, pool, IsConfigured: true), cancellationToken);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        bridge.Complete();
        await _bridging.WaitAsync(cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
