namespace Queued.Broker;

/// <summary>
/// The one rule by which a silent worker is judged, in shares of its heartbeat_timeout. It is asked to beat three times
/// in that time. The core looks at it twice in that time, so a turn that comes a fifth later than the next look was due
/// shows that the daemon itself stood still (stopped, swapped out): heartbeats may wait unread, and the worker has the
/// time of one more before it is judged.
/// </summary>
internal static class Silence
{
    public static readonly TimeSpan TimeoutMin = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);

    /// <summary>Below it no worker, however short its timeout, is given the benefit of the doubt.</summary>
    public static readonly TimeSpan ShortestStandstill = Standstill(TimeoutMin);

    public static TimeSpan Beat(TimeSpan timeout) => timeout / 3;

    public static TimeSpan Look(TimeSpan timeout) => timeout / 2;

    public static TimeSpan Standstill(TimeSpan timeout) => Look(timeout) * 1.2;
}
