using System.Diagnostics;

namespace Queued.Benchmarks;

/// <summary>The ways in which the items of a round follow each other.</summary>
internal static class Rounds
{
    /// <summary>The next one begins when the one before is back.</summary>
    public static async Task<Lap> OneByOneAsync(int count, Func<int, ValueTask> runAsync)
    {
        var latencies = new double[count];
        var begun = Stopwatch.GetTimestamp();
        for (var number = 0; number < count; number++)
        {
            var before = Stopwatch.GetTimestamp();
            await runAsync(number);
            latencies[number] = Stopwatch.GetElapsedTime(before).TotalMicroseconds;
        }

        return new Lap(Stopwatch.GetElapsedTime(begun).TotalSeconds, latencies);
    }

    /// <summary>So many are under way at any time.</summary>
    /// <param name="runAsync">Is given which of those it is, and the number of the item.</param>
    public static async Task<Lap> ManyAsync(int count, int underWay, Func<int, int, Task> runAsync)
    {
        var next = 0;
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(underWay, count)).Select(RunSomeAsync));
        return new Lap(Stopwatch.GetElapsedTime(begun).TotalSeconds, []);

        async Task RunSomeAsync(int lane)
        {
            while (Interlocked.Increment(ref next) - 1 is var number && number < count) await runAsync(lane, number);
        }
    }
}
