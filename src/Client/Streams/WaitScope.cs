namespace Queued.Client.Streams;

/// <summary>Waits for another task.</summary>
internal static class WaitScope
{
    public static Task<T> RunAsync<T>(Task<T> task, CancellationToken cancellationToken) => task.WaitAsync(cancellationToken);
}
