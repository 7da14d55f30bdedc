using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>Both clocks as the core wants them: the monotonic one from the start on, and never backwards.</summary>
internal sealed class LoopClock(TimeProvider time)
{
    private static readonly DateTimeOffset TaskEpoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly long _start = time.GetTimestamp();
    private long _latest;

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public Now Read()
    {
        _latest = Math.Max(_latest, time.GetElapsedTime(_start).Ticks);
        return new Now(new Instant(_latest), time.GetUtcNow());
    }

    /// <summary>
    /// Lives that begin in different milliseconds give out different numbers, and the later one higher ones, as long as
    /// one gives out no more than 4096 a millisecond over its whole length. It stays below 2^53 until the year 2095.
    /// </summary>
    public TaskId FirstTask()
    {
        var milliseconds = Math.Max(1, (long)(StartedAt - TaskEpoch).TotalMilliseconds);
        return new TaskId((ulong)milliseconds << 12);
    }
}
