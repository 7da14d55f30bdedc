namespace Queued.Broker.Tests.Structures;

public sealed class InstantTests
{
    [Fact]
    public void Never_is_later_than_everything_and_stays_so()
    {
        Assert.True(Instant.Never > new Instant(long.MaxValue - 1));
        Assert.Equal(Instant.Never, Instant.Never + TimeSpan.FromDays(365));
        Assert.Equal(Instant.Never, new Instant(long.MaxValue - 5) + TimeSpan.FromTicks(6));
        Assert.Equal(new Instant(long.MaxValue - 1), new Instant(long.MaxValue - 5) + TimeSpan.FromTicks(4));
    }

    [Fact]
    public void Differences_and_sums_agree()
    {
        var early = new Instant(100);
        var late = early + TimeSpan.FromSeconds(3);
        Assert.Equal(TimeSpan.FromSeconds(3), late - early);
        Assert.Equal(TimeSpan.FromSeconds(-3), early - late);
        Assert.True(early < late && late > early && early <= late && late >= early);
    }
}
