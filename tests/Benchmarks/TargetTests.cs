namespace Queued.Benchmarks.Tests;

public sealed class TargetTests
{
    [Theory]
    [InlineData(0.9, "**no**")]
    [InlineData(1, "yes")]
    [InlineData(2, "yes, and the aim")]
    public void At_least_is_reached_from_below(double figure, string verdict) =>
        Assert.Equal(verdict, Target.AtLeast(1, 2).Verdict(figure));

    [Theory]
    [InlineData(2.1, "**no**")]
    [InlineData(2, "yes")]
    [InlineData(1, "yes, and the aim")]
    public void At_most_is_reached_from_above(double figure, string verdict) =>
        Assert.Equal(verdict, Target.AtMost(2, 1).Verdict(figure));

    [Fact]
    public void Without_an_aim_there_is_none_to_reach() => Assert.Equal("yes", Target.AtLeast(1).Verdict(100));

    [Fact]
    public void What_is_only_shown_is_neither_reached_nor_missed() =>
        Assert.Equal("–", Target.Shown(moreIsBetter: true).Verdict(1));

    [Fact]
    public void Series_shows_the_median_the_least_and_the_most() =>
        Assert.Equal("3.00 (1.00–5.00)", new Series([5, 1, 3]).Show());
}
