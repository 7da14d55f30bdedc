using Microsoft.Extensions.Hosting;

namespace Queued.Worker.Runtime;

/// <summary>The worker as a hosted service.</summary>
internal sealed class QueuedWorkerService(WorkerRuntime runtime, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host starts its other services meanwhile: the first task may need them, the connection does not.
        await Task.Yield();
        var exit = await runtime.RunAsync(stoppingToken).ConfigureAwait(false);
        if (exit.Message is not null)
            await Console.Error.WriteLineAsync($"queued worker: {exit.Message}").ConfigureAwait(false);
        if (exit.Code != 0)
            Environment.ExitCode = exit.Code;
        lifetime.StopApplication();
    }
}
