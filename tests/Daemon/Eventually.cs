namespace Queued.Daemon.Tests;

/// <summary>Waits for facts that nobody announces.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static Task IsTrueAsync(Func<bool> condition, string fact) => IsTrueAsync(condition, () => fact);

    public static Task IsTrueAsync(Func<bool> condition, Func<string> fact) =>
        IsAsync(() => Task.FromResult(condition()), fact);

    public static Task IsAsync(Func<Task<bool>> condition, string fact) => IsAsync(condition, () => fact);

    public static Task IsTrueAsync(Func<Task<bool>> condition, Func<string> fact) => IsAsync(condition, fact);

    private static async Task IsAsync(Func<Task<bool>> condition, Func<string> fact)
    {
        using var timer = new PeriodicTimer(Pause);
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not true within {Deadline}: {fact()}");
            }
        }
    }
}
