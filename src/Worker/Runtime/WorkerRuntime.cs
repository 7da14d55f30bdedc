using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Queued.Worker.Handlers;

namespace Queued.Worker.Runtime;

/// <summary>
/// A worker's whole life: one connection where a daemon spawned it, one after another where it is external.
/// </summary>
internal sealed partial class WorkerRuntime
{
    private readonly QueuedWorkerOptions _options;
    private readonly AttemptRunner _runner;
    private readonly ILogger _logger;

    internal WorkerRuntime(
        QueuedWorkerOptions options,
        FrozenDictionary<string, Invoker> handlers,
        IServiceScopeFactory? scopes,
        ILogger<WorkerRuntime> logger)
    {
        _options = options;
        _runner = new AttemptRunner(handlers, scopes);
        _logger = logger;
    }

    /// <summary>Runs until the daemon lets the worker go, or <paramref name="stop"/> asks it to drain.</summary>
    internal async Task<WorkerExit> RunAsync(CancellationToken stop)
    {
        var spawned = _options.Environment.IsSpawned;
        var backoff = new Backoff();
        while (true)
        {
            var address = _options.FindAddress();
            var connection = new WorkerConnection(_options, _runner, _logger)
            {
                Lost = spawned ? ArmOrphanGuard : null,
            };
            var exit = await connection.RunAsync(address, stop).ConfigureAwait(false);
            if (!exit.IsWantedAgain || spawned || !_options.Reconnect)
                return exit;
            if (connection.WasWelcomed)
                backoff = new Backoff();
            var delay = backoff.Next();
            LogReconnecting(exit.Message ?? $"the daemon at {address} stops.", delay);
            try
            {
                await Task.Delay(delay, _options.Clock, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return WorkerExit.Drained;
            }
        }
    }

    // Handlers that do not stop, or a host whose other services do not, must not keep a worker alive that no daemon
    // owns. The guard has its own thread, because the handlers may hold every other one.
    private void ArmOrphanGuard() => OrphanGuard.Arm(() => _options.ExitProcess(WorkerExit.LostCode));

    [LoggerMessage(LogLevel.Warning, "{Reason} Dialing again in {Delay}")]
    private partial void LogReconnecting(string reason, TimeSpan delay);
}

/// <summary>
/// Delays between attempts to connect: 0.2 seconds, doubled each time up to 10, each spread by a quarter.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(10);
    private TimeSpan _next = First;

    internal TimeSpan Next()
    {
        var delay = _next * (0.75 + (Random.Shared.NextDouble() / 2));
        _next = _next * 2 < Most ? _next * 2 : Most;
        return delay;
    }
}

/// <summary>Ends the process when it outlives its daemon.</summary>
internal static class OrphanGuard
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal static void Arm(Action exit)
    {
        var thread = new Thread(() =>
        {
            Thread.Sleep(Patience);
            exit();
        })
        {
            IsBackground = true,
            Name = "queued orphan guard",
        };
        thread.Start();
    }
}
