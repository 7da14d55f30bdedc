using System.Text.Json.Serialization;

namespace Queued.Benchmarks;

/// <summary>What a contender did, round by round.</summary>
internal sealed record ContenderFigures(string Name, int ItemsPerRound)
{
    /// <summary>The shares of the items whose latencies are kept.</summary>
    public static readonly double[] Shares = [0.5, 0.9, 0.99, 0.999];

    /// <summary>Items a second.</summary>
    public Series Rate { get; init; } = new();

    /// <summary>Microseconds of CPU of all processes for each item.</summary>
    public Series Cpu { get; init; } = new();

    /// <summary>Voluntary context switches of all processes for each item.</summary>
    public Series Switches { get; init; } = new();

    /// <summary>Microseconds at each of <see cref="Shares"/>. Empty where items do not come one by one.</summary>
    public Series[] Latency { get; init; } = [];

    [JsonIgnore]
    public Series MedianLatency => Latency[0];

    public static ContenderFigures Of(string name, IReadOnlyList<Round> rounds)
    {
        var hasLatency = rounds[0].Lap.Latencies.Length > 0;
        var figures = new ContenderFigures(name, rounds[0].Count)
        {
            Latency = hasLatency ? [.. Shares.Select(_ => new Series())] : [],
        };
        foreach (var round in rounds)
        {
            figures.Rate.Add(round.Rate);
            figures.Cpu.Add(1e6 * round.Cost.CpuSeconds / round.Count);
            figures.Switches.Add((double)round.Cost.Switches / round.Count);
            if (!hasLatency) continue;
            var latencies = new Series(round.Lap.Latencies);
            for (var index = 0; index < Shares.Length; index++) figures.Latency[index].Add(latencies.At(Shares[index]));
        }

        return figures;
    }
}
