namespace Queued.Broker.Tests.Structures;

public sealed class NamesTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("A-z_0.9", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("ä", false)]
    [InlineData("a\n", false)]
    [InlineData("12345678", true)]
    [InlineData("123456789", false)]
    public void Only_plain_letters_digits_and_three_signs_are_allowed(string name, bool isValid) =>
        Assert.Equal(isValid, Names.IsValid(name, 8));
}
