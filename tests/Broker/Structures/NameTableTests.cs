namespace Queued.Broker.Tests.Structures;

public sealed class NameTableTests
{
    private readonly NameTable<string> _table = new();

    [Fact]
    public void Things_are_found_by_name_until_they_are_removed()
    {
        Fill("b", "a");

        Assert.True(_table.TryGetValue("a", out var found));
        Assert.Equal("A", found);
        Assert.Equal("B", _table.GetValueOrDefault("b"));
        _table.Remove("a");
        Assert.False(_table.ContainsKey("a"));
        Assert.Null(_table.GetValueOrDefault("a"));
        Assert.Equal(1, _table.Count);
        Assert.Equal(["B"], _table.Values);
    }

    [Fact]
    public void All_are_listed_in_the_order_of_their_characters_from_any_name_on()
    {
        Fill("b", "a-2", "B", "a", "a.1");

        Assert.Equal(["B", "A", "A-2", "A.1", "B"], _table.Values);
        Assert.Equal(["A.1", "B"], _table.After("a-2"));
        Assert.Equal(["B"], _table.After("a.2"));
        Assert.Empty(_table.After("b"));
        Assert.Empty(_table.After("c"));
        Assert.Empty(new NameTable<string>().After(""));
    }

    [Fact]
    public void What_is_not_there_is_removed_without_a_word()
    {
        Fill("a");

        _table.Remove("b");

        Assert.Equal(["A"], _table.Values);
    }

    private void Fill(params string[] names)
    {
        foreach (var name in names) _table.Add(name, name.ToUpperInvariant());
    }
}
