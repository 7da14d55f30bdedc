namespace Queued.Broker;

/// <summary>
/// The broker: a function with memory. It has one caller, no clock, no I/O and no randomness but its seed, so a
/// simulation is the real thing. Bad input is answered with a <see cref="Rejection"/>; a broken invariant throws.
/// </summary>
public sealed partial class BrokerCore(BrokerLimits limits, ulong seed, TaskId firstTask)
{
    private readonly BrokerLimits _limits = limits;

    /// <summary>When <see cref="Advance"/> has something to do next. <see cref="Instant.Never"/>: nothing is due.</summary>
    public Instant NextDeadline(Now now) => throw new NotSupportedException($"{seed}{firstTask}{_limits}{now}");

    /// <summary>The only way state changes. Appends what has to be done to <paramref name="effects"/>.</summary>
    public void Apply(Command command, Now now, List<Effect> effects) => throw new NotSupportedException();

    /// <summary>Does everything that is due at or before <paramref name="now"/>.</summary>
    public void Advance(Now now, List<Effect> effects) => throw new NotSupportedException();
}
