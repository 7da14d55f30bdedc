using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>Starts the loop with its declared queues and pools. A mistake in these fails the start.</summary>
internal sealed class BrokerService(
    BrokerLoop loop, SupervisionBridge bridge, BrokerLoopOptions options) : IHostedService
{
    private Task _bridging = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        loop.Start();
        _bridging = bridge.RunAsync(loop);
        foreach (var queue in options.Queues)
        {
            await loop.AskAsync<Response.OneQueue>(
                request => new Command.DeclareQueue(request, queue.Name, queue.Settings), cancellationToken);
        }

        foreach (var pool in options.Pools)
        {
            await loop.AskAsync<Response.OnePool>(request => new Command.CreatePool(request, pool), cancellationToken);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        bridge.Complete();
        await _bridging.WaitAsync(cancellationToken);
    }
}
