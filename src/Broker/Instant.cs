namespace Queued.Broker;

/// <summary>
/// A point on the monotonic clock, in ticks of 100 ns since the daemon's start. Deadlines, leases and back-off use it.
/// </summary>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>Later than every deadline.</summary>
    public static readonly Instant Never = new(long.MaxValue);

    public static Instant operator +(Instant instant, TimeSpan span) => instant.Add(span);

    public static TimeSpan operator -(Instant left, Instant right) => left.Subtract(right);

    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    /// <summary>Saturates at <see cref="Never"/>.</summary>
    public Instant Add(TimeSpan span) =>
        span.Ticks > 0 && Ticks > long.MaxValue - span.Ticks ? Never : new(Ticks + span.Ticks);

    public TimeSpan Subtract(Instant earlier) => new(Ticks - earlier.Ticks);

    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);
}

/// <summary>
/// Both clocks at one moment. The wall clock may jump: it decides <c>run_at</c> and what is shown, nothing else.
/// </summary>
public readonly record struct Now(Instant Monotonic, DateTimeOffset Wall);
