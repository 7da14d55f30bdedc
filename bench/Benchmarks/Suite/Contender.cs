namespace Queued.Benchmarks;

/// <summary>
/// One of those who do the same work in turn: so many items in a round, each of which is checked to have come back
/// exactly once.
/// </summary>
/// <param name="name">As it stands in the tables.</param>
internal abstract class Contender(string name) : IAsyncDisposable
{
    public string Name { get; } = name;

    /// <summary>Items of the first round of the warm-up, when nobody knows how many fit.</summary>
    public int FirstCount { get; init; } = 500;

    /// <summary>Items of a round at least: with few some would show the price of the round itself.</summary>
    public int CountMin { get; init; } = 1;

    /// <summary>
    /// How long its rounds do not count at first, in a quick run: what is compiled as it runs needs more of it.
    /// </summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <exception cref="PeerMissingException">It cannot be had on this machine.</exception>
    /// <exception cref="PeerFailedException">It does not start.</exception>
    public abstract Task StartAsync();

    public async Task<Round> RunAsync(int count)
    {
        var before = Cost.Of(Processes());
        var lap = await WorkAsync(count);
        return new Round(count, lap, Cost.Of(Processes()) - before);
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>All processes that take part.</summary>
    protected abstract IEnumerable<int> Processes();

    protected abstract Task<Lap> WorkAsync(int count);
}

/// <summary>What a round took.</summary>
/// <param name="Seconds">All of it.</param>
/// <param name="Latencies">Of each item, in microseconds, where they come one after the other. Else empty.</param>
internal readonly record struct Lap(double Seconds, double[] Latencies);

internal readonly record struct Round(int Count, Lap Lap, Cost Cost)
{
    public double Rate => Count / Lap.Seconds;
}

/// <summary>A peer that is not on this machine and could not be brought there.</summary>
internal sealed class PeerMissingException(string message) : Exception(message);

/// <summary>A peer that broke, with what it said.</summary>
internal sealed class PeerFailedException(string message) : Exception(message);
