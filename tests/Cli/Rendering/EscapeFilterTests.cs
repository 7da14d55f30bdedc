using System.Text;
using Queued.Cli.Rendering;

namespace Queued.Cli.Tests.Rendering;

public sealed class EscapeFilterTests
{
    [Theory]
    [InlineData("plain text\n\twith tab", "plain text\n\twith tab")]
    [InlineData("\x1b[31mred\x1b[0m", "red")]
    [InlineData("\x1b[2J\x1b[1;1Hclear", "clear")]
    [InlineData("\x1b]0;title\aafter", "after")]
    [InlineData("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link")]
    [InlineData("\x1bP+q544e\x1b\\dcs", "dcs")]
    [InlineData("\x1b(Bcharset", "charset")]
    [InlineData("\x1b" + "creset", "reset")]
    [InlineData("\u009b31mc1", "c1")]
    [InlineData("\u009d0;title\u009cc1 osc", "c1 osc")]
    [InlineData("bell\a back\b\b null\0 del\x7f", "bell back null del")]
    [InlineData("abc\u202etxt.exe\u202c", "abctxt.exe")]
    [InlineData("a\u2066b\u2069c\u200fd\u061ce\ufefff", "abcdef")]
    [InlineData("line\r\nnext", "line\nnext")]
    [InlineData("10%\r20%\r", "10%\n20%\n")]
    [InlineData("\x1b]0;never ends\nnext line", "\nnext line")]
    [InlineData("\x1b[31\x1b[32mtwice", "twice")]
    [InlineData("ends in \x1b", "ends in ")]
    [InlineData("żółć 漢字 😀", "żółć 漢字 😀")]
    public void Only_what_a_person_should_see_is_left(string text, string expected) =>
        Assert.Equal(expected, SafeText.Block(text));

    [Fact]
    public async Task A_sequence_or_a_character_cut_anywhere_is_still_seen_as_one()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("a\x1b[31mż\x1b]0;t\x1b\\😀\r\nb\u009b0m\x1b(Bc\r");
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            using var destination = new MemoryStream();
            var stream = new SafeStream(destination);
            await stream.WriteAsync(bytes.AsMemory(0, cut), default);
            await stream.WriteAsync(bytes.AsMemory(cut), default);
            await stream.FinishAsync(default);
            Assert.Equal("aż😀\nbc\n", Encoding.UTF8.GetString(destination.ToArray()));
        }
    }

    [Fact]
    public void No_random_bytes_get_a_control_through()
    {
        var random = new Random(20260101);
        var buffer = new byte[256];
        for (int round = 0; round < 2000; round++)
        {
            random.NextBytes(buffer);
            string shown = SafeText.Block(Encoding.Latin1.GetString(buffer));
            Assert.DoesNotContain(shown, character => char.IsControl(character) && character is not ('\n' or '\t'));
        }
    }

    [Fact]
    public void A_line_has_no_line_ends_and_is_cut_between_characters()
    {
        Assert.Equal("a b c", SafeText.Line("a\nb\tc\n"));
        Assert.Equal("ab…", SafeText.Line("abcdef", 3));
        Assert.Equal("a…", SafeText.Line("a😀b", 3));
    }
}
