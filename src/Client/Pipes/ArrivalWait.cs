using Queued.Client.Streams;

namespace Queued.Client.Pipes;

/// <summary>Waits for the first of several things that happen in this process.</summary>
internal static class ArrivalWait
{
    /// <returns>False: the time is over.</returns>
    public static async Task<bool> AnyAsync(
        IReadOnlyList<Task> arrivals, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout != Timeout.InfiniteTimeSpan)
            limit.CancelAfter(timeout);
        try
        {
            await WaitScope.RunAsync(Task.WhenAny(arrivals), limit.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
