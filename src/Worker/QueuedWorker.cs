using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Queued.Worker.Connection;
using Queued.Worker.Handlers;
using Queued.Worker.Runtime;

namespace Queued.Worker;

/// <summary>A worker without a host.</summary>
/// <example><code>await QueuedWorker.RunAsync(worker => worker.Handle("square", (int x) => x * x));</code></example>
public static class QueuedWorker
{
    /// <summary>
    /// True in a process that a daemon spawned as a worker, or in one that inherited its environment.
    /// </summary>
    public static bool IsSpawned => WorkerEnvironment.Current.IsSpawned;

    /// <summary>
    /// Runs this process as a worker until the daemon lets it go for good (see
    /// <see cref="QueuedWorkerOptions.Reconnect"/>), or it is asked to stop: by SIGTERM or SIGINT (a second one ends
    /// the process at once), or by <paramref name="cancellationToken"/>. Asked to stop, it begins
    /// nothing more, gives back what it has not begun, and lets running attempts end within <see
    /// cref="QueuedWorkerOptions.ShutdownGrace"/>.
    /// </summary>
    /// <param name="configure">Adds the handlers and sets the options.</param>
    /// <param name="cancellationToken">Asks the worker to stop.</param>
    /// <returns>
    /// The exit code, also set as <see cref="Environment.ExitCode"/>: 0 after a drain; 1 where attempts were still
    /// running at the end of the grace; 3 where the daemon rejected the worker; 4 where the daemon went away or was
    /// not there. For 1, 3 and 4 a line on standard error says why.
    /// </returns>
    /// <exception cref="ArgumentException">The options or a handler's name are not valid.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no handlers, or one of them takes or returns a type without JSON metadata.
    /// </exception>
    public static async Task<int> RunAsync(
        Action<WorkerHandlers> configure,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new QueuedWorkerOptions();
        var table = new HandlerTable();
        configure(new WorkerHandlers(options, table));
        options.Validate();
        var invokers = table.Build(options.BuildJson());
        var runtime = new WorkerRuntime(options, invokers, scopes: null, NullLogger<WorkerRuntime>.Instance);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
        var exit = await runtime.RunAsync(stop.Token).ConfigureAwait(false);
        if (exit.Message is not null)
            await Console.Error.WriteLineAsync($"queued worker: {exit.Message}").ConfigureAwait(false);
        return Environment.ExitCode = exit.Code;

        // The second signal is left to the runtime, which ends the process.
        void StopOnce(PosixSignalContext signal)
        {
            if (stop.IsCancellationRequested)
                return;
            signal.Cancel = true;
            ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), stop, preferLocal: false);
        }
    }
}
