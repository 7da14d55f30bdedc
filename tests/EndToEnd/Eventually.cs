namespace Queued.EndToEnd.Tests;

/// <summary>Waits for facts that nobody announces, such as the end of a process that is not our child.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static Task IsAsync(Func<Task<bool>> fact, string what, Func<string>? describe = null) =>
        BecomesAsync(fact, isSo => isSo, what, describe: describe is null ? null : _ => describe());

    public static Task IsTrueAsync(Func<bool> fact, string what, TimeSpan? within = null) =>
        BecomesAsync(() => Task.FromResult(fact()), isSo => isSo, what, within);

    /// <summary>Reads again and again until what was read is as it should be, and gives that.</summary>
    public static async Task<T> BecomesAsync<T>(
        Func<Task<T>> read, Func<T, bool> isSo, string what, TimeSpan? within = null, Func<T, string>? describe = null)
    {
        using var patience = new CancellationTokenSource(within ?? Patience);
        using var timer = new PeriodicTimer(Interval);
        while (true)
        {
            var value = await read();
            if (isSo(value))
                return value;
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"After {within ?? Patience} there is still not {what}. {describe?.Invoke(value)}");
            }
        }
    }
}
