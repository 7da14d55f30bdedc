using System.Globalization;
using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>
/// A process writes to a counter, a value, an array, a map, a list, and is killed in the middle of it: what it was told
/// is written is there, and of what it was writing all or nothing.
/// </summary>
public sealed class ContentsDeathTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private const int Lines = 40;

    private QueuedClient Client => shared.Daemon.Client;

    [Fact]
    public async Task A_counter()
    {
        await using var counter = Client.Counter("dying-counter");
        await counter.GetAsync();
        var last = await WriteUntilKilledAsync("counter", counter.Name);
        Assert.InRange(await counter.GetAsync(), last, last + 1);
    }

    [Fact]
    public async Task A_value()
    {
        await using var value = Client.Value<int>("dying-value");
        await value.GetAsync();
        var last = await WriteUntilKilledAsync("value", value.Name);
        Assert.InRange(await value.GetAsync(), last, last + 1);
    }

    [Fact]
    public async Task An_array()
    {
        await using var array = Client.Array<int>("dying-array", 10_000);
        await array.ReadAsync();
        var last = await WriteUntilKilledAsync("array", array.Name);
        var number = Assert.Single((await array.ReadAsync()).Distinct());
        Assert.InRange(number, last, last + 1);
    }

    [Fact]
    public async Task A_map()
    {
        await using var map = Client.Map<int>("dying-map");
        Assert.Equal(0, await map.CountAsync());
        var last = await WriteUntilKilledAsync("map", map.Name);
        var entries = await map.EntriesAsync().ToListAsync();
        Assert.Equal(500, entries.Count);
        Assert.InRange(Assert.Single(entries.Select(entry => entry.Value).Distinct()), last, last + 1);
    }

    [Fact]
    public async Task A_list()
    {
        await using var list = Client.List<int>("dying-list");
        Assert.Equal(0, await list.CountAsync());
        var last = await WriteUntilKilledAsync("list", list.Name);
        var items = await list.ItemsAsync().ToListAsync();
        Assert.InRange(items.Count, last * 10, (last + 1) * 10);
        Assert.Equal(Enumerable.Range(0, items.Count).Select(at => (at / 10) + 1), items);
        Assert.Equal(0, items.Count % 10);
    }

    [Fact]
    public async Task A_value_that_is_raised_under_a_lock_goes_on_with_the_others()
    {
        await using var value = Client.Value<int>("dying-raised");
        await value.GetAsync();
        await using var killed = SharingProcess.Start(shared.Daemon);
        await using var other = SharingProcess.Start(shared.Daemon);
        await killed.TellAsync($"raise {value.Name} 1000000");
        await Eventually.BecomesAsync(() => value.GetAsync(), number => number > 50, "a value that is raised");
        await other.TellAsync($"raise {value.Name} 200");

        killed.Kill();

        Assert.Equal("raised", await other.AnswerAsync());
        Assert.True(await value.GetAsync() > 250);
        await Eventually.BecomesAsync(
            () => Client.States.FindAsync(value.Name + ".lock"), gate => gate is null or { Grants.Count: 0 },
            "a lock that nobody holds");
    }

    /// <returns>The last number that the process was told is written.</returns>
    private async Task<int> WriteUntilKilledAsync(string kind, string name)
    {
        await using var writer = HelperProcess.Start(shared.Daemon, "keep-writing", kind, name);
        var last = 0;
        for (var line = 0; line < Lines; line++) last = Number(await writer.LineAsync());
        foreach (var line in await writer.KillAsync()) last = Number(line);
        await Eventually.BecomesAsync(
            () => Client.States.FindAsync(name), state => state?.Users == 1, "an end of the writer's session");
        return last;
    }

    private static int Number(string? line) => int.Parse(line!, CultureInfo.InvariantCulture);
}
