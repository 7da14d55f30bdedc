using Queued.Protocol.Streams;
using Queued.Worker;

namespace Queued.Client.Streams;

/// <summary>
/// Waits for another task from inside a handler give the attempt's slot back: otherwise a pool whose workers all wait
/// for tasks of the same pool would wait for ever.
/// </summary>
internal static class WaitScope
{
    public static Task<T> RunAsync<T>(Task<T> task, CancellationToken cancellationToken) =>
        task.IsCompleted || TaskContext.Current is not { } context
            ? task.WaitAsync(cancellationToken)
            : InScopeAsync(task, context, cancellationToken);

    /// <summary>Waits until a loop has something to look at.</summary>
    public static async ValueTask RunAsync(WakeSignal signal)
    {
        var wait = signal.WaitAsync();
        if (wait.IsCompleted || TaskContext.Current is not { } context)
        {
            await wait.ConfigureAwait(false);
            return;
        }

        using (context.BeginWait())
            await wait.ConfigureAwait(false);
    }

    private static async Task<T> InScopeAsync<T>(Task<T> task, TaskContext context, CancellationToken cancellationToken)
    {
        using (context.BeginWait())
            return await task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
