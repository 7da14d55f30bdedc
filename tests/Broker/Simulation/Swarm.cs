namespace Queued.Broker.Tests.Simulation;

/// <summary>What a simulated world may hold: options that clients use, and faults.</summary>
internal enum Trait
{
    Delays, RunAt, Priorities, Retries, Timeouts, SoftTimeouts, QueueTimeouts, Dedupe, Together, ShortTtl, Snoozes,
    Releases, NonRetryable, Watches, Cancels, HandRetries, DeadLetters, Pauses, Drains, Purges, QueueLimits, RunningMax,
    QueueDeletes, Durable, Slots, Prefetch, Waiting, Extensions, Progress, Handlers, Externals, Exec, Scales, Reloads,
    WorkerStops, PoolDeletes, Recycling, MemoryLimits, TightLimits, BadRequests,

    SpawnFailures, BootExits, BootSilence, Crashes, Signals, OutOfMemory, Hangs, StreamLosses, SlowDrains, IgnoredTerm,
    IgnoredCancel, SlowReaping, StaleWords, Duplicates, LateWords, SessionDeaths, WallJumps, LateAdvance, HandlerErrors,
    ExecErrors, Shutdown, DaemonDeaths, SlowFlushes, FlushFailures,
}

/// <summary>
/// The configuration of one world: each trait is there or not, and how often it strikes is drawn anew (swarm testing,
/// Groce et al., 2012). Worlds with few traits go deep where worlds with all of them would only be noisy.
/// </summary>
internal sealed class Swarm
{
    private readonly double[] _rates = new double[Enum.GetValues<Trait>().Length];
    private readonly SimRandom _random;

    public Swarm(SimRandom random)
    {
        _random = random;
        for (var trait = 0; trait < _rates.Length; trait++)
        {
            var rate = 0.01 * Math.Pow(40, random.Unit());
            _rates[trait] = random.Chance(0.5) ? rate : 0;
        }

        if (random.Chance(0.7)) _rates[(int)Trait.Shutdown] = 0;
        if (!Has(Trait.DaemonDeaths)) _rates[(int)Trait.FlushFailures] = 0;
    }

    /// <summary>Faults are over; what is there must come to its end.</summary>
    public bool IsCalm { get; set; }

    public bool Has(Trait trait) => _rates[(int)trait] > 0;

    public bool Strikes(Trait trait) =>
        _rates[(int)trait] is var rate and > 0 && !IsCalm && _random.Chance(rate);

    public override string ToString() =>
        string.Join(' ', Enum.GetValues<Trait>().Where(Has).Select(trait => $"{trait}={_rates[(int)trait]:0.00}"));
}
