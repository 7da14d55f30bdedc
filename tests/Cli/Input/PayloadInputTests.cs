using System.Text;
using Queued.Cli.Input;
using Queued.Cli.Rendering;

namespace Queued.Cli.Tests.Input;

public sealed class PayloadInputTests
{
    [Theory]
    [InlineData("{\"a\": [1, 2]}", TaskPayload.JsonContentType)]
    [InlineData("12", TaskPayload.JsonContentType)]
    [InlineData("\"word\"", TaskPayload.JsonContentType)]
    [InlineData("word", TaskPayload.TextContentType)]
    [InlineData("{\"a\": 1} trailing", TaskPayload.TextContentType)]
    [InlineData("   ", TaskPayload.TextContentType)]
    public void The_type_follows_the_content(string text, string expected) =>
        Assert.Equal(expected, PayloadInput.TypeOf(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Bytes_are_bytes_and_nothing_has_no_type()
    {
        Assert.Equal(PayloadInput.Bytes, PayloadInput.TypeOf([0xff, 0xfe]));
        Assert.Equal(PayloadInput.Bytes, PayloadInput.TypeOf([(byte)'a', 0]));
        Assert.Null(PayloadInput.TypeOf([]));
    }

    [Fact]
    public async Task A_dash_reads_standard_input_up_to_the_limit()
    {
        Terminal terminal = FakeTerminal.Of("12345").Terminal;
        Assert.Equal("12345"u8.ToArray(), await PayloadInput.ReadAsync("-", terminal, 5, default));

        Terminal again = FakeTerminal.Of("123456").Terminal;
        var exception = await Assert.ThrowsAsync<UsageException>(() => PayloadInput.ReadAsync("-", again, 5, default));
        Assert.Contains("payload_bytes_max", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_at_sign_reads_a_file_and_names_the_one_that_is_not_there()
    {
        using var directory = new TemporaryDirectory();
        string path = directory.File("input.json");
        await File.WriteAllTextAsync(path, "[1]");
        Terminal terminal = FakeTerminal.Of("").Terminal;
        Assert.Equal("[1]"u8.ToArray(), await PayloadInput.ReadAsync("@" + path, terminal, 100, default));

        var exception = await Assert.ThrowsAsync<UsageException>(
            () => PayloadInput.ReadAsync("@" + directory.File("absent"), terminal, 100, default));
        Assert.Contains("absent", exception.Message, StringComparison.Ordinal);
    }
}
