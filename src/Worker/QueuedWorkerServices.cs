using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Queued.Worker.Handlers;
using Queued.Worker.Runtime;

namespace Queued.Worker;

/// <summary>Puts a worker under the generic host.</summary>
public static class QueuedWorkerServices
{
    /// <summary>
    /// Adds a worker as a hosted service: it connects when the host starts, drains when the host stops, and stops the
    /// host when the daemon has let it go. The process's exit code is then 0 after a drain, 1 where attempts were still
    /// running at the end of <see cref="QueuedWorkerOptions.ShutdownGrace"/>, 3 where the daemon rejected it, 4 where
    /// the daemon went away. The start of the host throws <see cref="InvalidOperationException"/> where there are no
    /// handlers, or one of them takes or returns a type without JSON metadata.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options. Default: nothing is set.</param>
    /// <returns>A builder that takes the handlers.</returns>
    /// <exception cref="ArgumentException">The options are not valid; the message names every mistake.</exception>
    public static QueuedWorkerBuilder AddQueuedWorker(
        this IServiceCollection services,
        Action<QueuedWorkerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = new QueuedWorkerOptions();
        configure?.Invoke(options);
        options.Validate();
        var table = new HandlerTable();
        services.AddSingleton<IHostedService>(provider => new QueuedWorkerService(
            new WorkerRuntime(
                options,
                table.Build(options.BuildJson()),
                provider.GetRequiredService<IServiceScopeFactory>(),
                provider.GetService<ILogger<WorkerRuntime>>() ?? NullLogger<WorkerRuntime>.Instance),
            provider.GetRequiredService<IHostApplicationLifetime>()));
        return new QueuedWorkerBuilder(services, options, table);
    }
}
