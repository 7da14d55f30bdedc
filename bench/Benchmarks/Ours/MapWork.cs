using System.Diagnostics;
using System.Globalization;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>A map over texts of 64 characters, which the workers give back.</summary>
internal sealed class MapWork(BenchDaemon daemon)
{
    /// <summary>A map begins with small chunks, and has to have the time to find out.</summary>
    public const int ItemsMin = 100_000;

    public Ours Automatic(string name) => new(name, daemon, count => MapAsync(count, null))
    {
        FirstCount = ItemsMin,
        CountMin = ItemsMin,
        WarmUp = BenchOptions.CompiledWarmUp,
    };

    public Ours InChunks(string name, int chunk) => new(name, daemon, count => MapAsync(count, chunk))
    {
        FirstCount = 2000,
        WarmUp = BenchOptions.CompiledWarmUp / 2,
    };

    private async Task<Lap> MapAsync(int count, int? chunk)
    {
        var inputs = new string[count];
        for (var number = 0; number < count; number++)
            inputs[number] = number.ToString("D64", CultureInfo.InvariantCulture);
        var options = new MapOptions
        {
            ChunkSize = chunk,
            Ordered = true,
            Submit = new SubmitOptions { Queue = BenchDaemon.Memory },
        };
        var results = new List<string>(count);
        var begun = Stopwatch.GetTimestamp();
        await foreach (var result in daemon.Client.MapAsync<string, string>(EchoWorker.TextHandler, inputs, options))
            results.Add(result);
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var numbers = new Numbers(count);
        foreach (var result in results) numbers.See(int.Parse(result, CultureInfo.InvariantCulture));
        numbers.SeenAll();
        return new Lap(seconds, []);
    }
}
