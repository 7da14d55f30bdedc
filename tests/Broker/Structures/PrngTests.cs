namespace Queued.Broker.Tests.Structures;

public sealed class PrngTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers()
    {
        var (one, other) = (new Prng(42), new Prng(42));
        for (var index = 0; index < 100; index++) Assert.Equal(one.Next(), other.Next());
    }

    [Fact]
    public void Spread_reaches_both_ends_and_stays_between_them()
    {
        var prng = new Prng(7);
        var spans = Enumerable.Range(
            0, 10_000).Select(_ => prng.Spread(TimeSpan.FromSeconds(10), 0.2).TotalSeconds).ToArray();
        Assert.InRange(spans.Min(), 8, 8.1);
        Assert.InRange(spans.Max(), 11.9, 12);
        Assert.InRange(spans.Average(), 9.9, 10.1);
    }

    [Fact]
    public void A_share_of_nothing_changes_nothing()
    {
        var prng = new Prng(7);
        Assert.Equal(TimeSpan.FromSeconds(10), prng.Spread(TimeSpan.FromSeconds(10), 0));
        Assert.Equal(TimeSpan.Zero, prng.Spread(TimeSpan.Zero, 1));
    }
}
