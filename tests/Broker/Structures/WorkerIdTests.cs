namespace Queued.Broker.Tests.Structures;

public sealed class WorkerIdTests
{
    [Theory]
    [InlineData("w1", true)]
    [InlineData("w18446744073709551615", true)]
    [InlineData("w18446744073709551616", false)]
    [InlineData("w", false)]
    [InlineData("", false)]
    [InlineData("7", false)]
    [InlineData("w-1", false)]
    [InlineData("w1 ", false)]
    public void Only_what_it_shows_is_read_again(string text, bool isRead)
    {
        Assert.Equal(isRead, WorkerId.TryParse(text, out var id));
        if (isRead) Assert.Equal(text, id.ToString());
    }
}
