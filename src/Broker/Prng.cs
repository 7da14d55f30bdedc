namespace Queued.Broker;

/// <summary>The core's only randomness: SplitMix64 (Steele, Lea and Flood, 2014), seeded from outside.</summary>
internal sealed class Prng(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Spreads a length evenly over [1 - share, 1 + share] times itself.</summary>
    public TimeSpan Spread(TimeSpan span, double share)
    {
        if (share <= 0 || span <= TimeSpan.Zero) return span;
        var unit = (Next() >> 11) * (1.0 / (1UL << 53));
        return TimeSpan.FromTicks((long)(span.Ticks * (1 + (share * ((2 * unit) - 1)))));
    }
}
