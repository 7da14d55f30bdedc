using Queued.Cli.Input;

namespace Queued.Cli.Tests.Input;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1024", 1024)]
    [InlineData("12b", 12)]
    [InlineData("64k", 65_536)]
    [InlineData("64KiB", 65_536)]
    [InlineData("1.5 MB", 1_572_864)]
    [InlineData("2G", 2_147_483_648)]
    [InlineData("1tib", 1_099_511_627_776)]
    public void A_size_is_read_as_people_write_it(string text, long expected)
    {
        Assert.True(SizeText.TryParse(text, out long bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("M")]
    [InlineData("1X")]
    [InlineData("1Kx")]
    [InlineData("0.3")]
    [InlineData("99999999999T")]
    public void What_is_not_a_size_is_refused(string text) => Assert.False(SizeText.TryParse(text, out _));
}
