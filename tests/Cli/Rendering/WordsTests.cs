using Queued.Cli.Rendering;

namespace Queued.Cli.Tests.Rendering;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(0.25, "250us")]
    [InlineData(15, "15ms")]
    [InlineData(3_200, "3.2s")]
    [InlineData(60_000, "1m")]
    [InlineData(61_000, "1m1s")]
    [InlineData(3_720_000, "1h2m")]
    [InlineData(86_400_000, "1d")]
    [InlineData(180_000_000, "2d2h")]
    [InlineData(-1_000, "-1s")]
    public void A_duration_has_its_two_greatest_units(double milliseconds, string expected) =>
        Assert.Equal(expected, Words.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(4 * 1024 * 1024, "4 MiB")]
    public void A_size_has_one_unit(long bytes, string expected) => Assert.Equal(expected, Words.Size(bytes));

    [Theory]
    [InlineData("TimedOut", "timed_out")]
    [InlineData("Running", "running")]
    [InlineData("ExitCode", "exit_code")]
    [InlineData("Oom", "oom")]
    [InlineData("OOM", "oom")]
    public void A_constant_is_written_in_snake_case(string name, string expected) =>
        Assert.Equal(expected, Words.Snake(name));
}
