namespace Queued.Daemon.Tests;

public sealed class EntropyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(256)]
    public void Bytes_are_as_many_as_asked_for_and_others_each_time(int bytes)
    {
        var all = Enumerable.Range(0, bytes == 1 ? 1 : 100).Select(_ => Entropy.Hex(bytes)).ToList();

        Assert.All(all, text => Assert.Matches($"^[0-9a-f]{{{2 * bytes}}}$", text));
        Assert.Distinct(all);
    }
}
