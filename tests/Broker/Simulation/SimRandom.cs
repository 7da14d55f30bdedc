namespace Queued.Broker.Tests.Simulation;

/// <summary>All chance in a simulated world. The same seed gives the same world on every machine.</summary>
internal sealed class SimRandom(ulong seed)
{
    private ulong _state = seed * 0x2545F4914F6CDD1D + 0x9E3779B97F4A7C15;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Unit() < probability;

    public int Below(int limit) => (int)(Next() % (ulong)limit);

    public int Between(int low, int high) => low + Below(high - low + 1);

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>Even over the orders of magnitude, so that the very short and the long both come.</summary>
    public TimeSpan Span(TimeSpan low, TimeSpan high) =>
        TimeSpan.FromTicks((long)(low.Ticks * Math.Pow((double)high.Ticks / low.Ticks, Unit())));

    public TimeSpan Milliseconds(int low, int high) =>
        Span(TimeSpan.FromMilliseconds(low), TimeSpan.FromMilliseconds(high));
}
