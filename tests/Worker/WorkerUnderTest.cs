using Microsoft.Extensions.Logging.Abstractions;
using Queued.Worker.Connection;
using Queued.Worker.Handlers;
using Queued.Worker.Runtime;

namespace Queued.Worker.Tests;

/// <summary>A worker in this process, connected to a scripted daemon.</summary>
internal sealed class WorkerUnderTest : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<WorkerExit> _running;
    private readonly TaskCompletionSource<int> _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerUnderTest(string address, Action<WorkerHandlers> configure, bool spawned)
    {
        var options = new QueuedWorkerOptions
        {
            Address = address,
            Environment = spawned ? new WorkerEnvironment(address, "w7", "secret") : WorkerEnvironment.None,
            ExitProcess = code => _killed.TrySetResult(code),
        };
        var table = new HandlerTable();
        configure(new WorkerHandlers(options, table));
        options.Validate();
        var handlers = table.Build(options.BuildJson());
        var runtime = new WorkerRuntime(options, handlers, scopes: null, NullLogger<WorkerRuntime>.Instance);
        _running = Task.Run(() => runtime.RunAsync(_stop.Token));
    }

    /// <summary>How the worker ended.</summary>
    public Task<WorkerExit> Exit => _running.WaitAsync(ScriptedStream.Patience);

    /// <summary>The code with which the orphan guard would have ended the process.</summary>
    public Task<int> Killed => _killed.Task.WaitAsync(ScriptedStream.Patience);

    public static WorkerUnderTest Start(ScriptedDaemon daemon, Action<WorkerHandlers> configure, bool spawned = true) =>
        new(daemon.Address, configure, spawned);

    public static WorkerUnderTest Start(string address, Action<WorkerHandlers> configure, bool spawned = true) =>
        new(address, configure, spawned);

    /// <summary>What SIGTERM does.</summary>
    public Task StopAsync() => _stop.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(ScriptedStream.Patience);
        _stop.Dispose();
    }
}
