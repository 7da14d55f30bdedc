using System.Text;
using Queued.Cli.Input;

namespace Queued.Cli.Tests.Input;

public sealed class JsonLinesTests
{
    [Fact]
    public async Task Lines_come_with_their_numbers_and_blank_ones_are_skipped()
    {
        Assert.Equal(
            [(1, "1"), (3, "{\"a\": 2}"), (5, "last")],
            await ReadAsync("1\n\n {\"a\": 2}\t\r\n   \nlast"));
    }

    [Fact]
    public async Task A_line_longer_than_the_first_buffer_stays_whole()
    {
        string line = new('x', 300_000);
        Assert.Equal([(1, "a"), (2, line), (3, "b")], await ReadAsync($"a\n{line}\nb\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public async Task A_line_beyond_the_limit_is_left_out_and_the_next_ones_are_read(string end)
    {
        string large = new('x', 300_000);
        Assert.Equal(
            [(1, "ok"), (2, null), (3, "ok"), (5, null)],
            await ReadAsync($"ok\n{large}\nok\n\n{large}{large}{end}", bytesMax: 100_000));
    }

    [Fact]
    public async Task Nothing_gives_nothing() => Assert.Empty(await ReadAsync(""));

    private static async Task<List<(long Number, string? Line)>> ReadAsync(string text, long bytesMax = 4 * 1024 * 1024)
    {
        var lines = new List<(long, string?)>();
        await foreach ((long number, byte[]? line) in new JsonLines(
            new MemoryStream(Encoding.UTF8.GetBytes(text)), bytesMax).ReadAsync(default))
            lines.Add((number, line is null ? null : Encoding.UTF8.GetString(line)));
        return lines;
    }
}
