namespace Queued.EndToEnd.Tests;

/// <summary>Waits for facts that nobody announces, such as the end of a process that is not our child.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static async Task IsAsync(Func<Task<bool>> fact, string what, Func<string>? describe = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (!await fact())
                await timer.WaitForNextTickAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"After {Patience} there is still not {what}. {describe?.Invoke()}");
        }
    }
}
