using Grpc.Core;

namespace Queued.Daemon.Edge;

/// <summary>
/// The calls that last: streams and waits. Before the server closes its connections each is told that the daemon stops,
/// and has its time to pass that on; a connection that is closed under a call tells its caller nothing.
/// </summary>
internal sealed class OpenCalls : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(1);

    // A completed response has been handed to the frame writer of its connection, which has a loop of its own, as has
    // the socket behind it. Kestrel 10 tells nobody when either has caught up: OnCompleted comes before, a connection's
    // end comes after, and a wait for that end would be as long as its client likes. So there is a moment, at a stop.
    private static readonly TimeSpan FlushTime = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One more than there are calls until the end begins.
    private int _count = 1;

    public CancellationToken Ending => _ending.Token;

    /// <summary>Counts the call until its last byte has been handed to the connection.</summary>
    public void Add(ServerCallContext context)
    {
        Interlocked.Increment(ref _count);
        context.OnCompleted(Remove);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var hadCalls = Volatile.Read(ref _count) > 1;
        await _ending.CancelAsync();
        Remove();
        await _ended.Task.WaitAsync(LastWordsTimeout, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (hadCalls)
        {
            await Task.Delay(FlushTime, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _ending.Dispose();

    private void Remove()
    {
        if (Interlocked.Decrement(ref _count) == 0) _ended.TrySetResult();
    }
}
