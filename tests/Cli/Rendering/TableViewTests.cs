using Queued.Cli.Rendering;

namespace Queued.Cli.Tests.Rendering;

public sealed class TableViewTests
{
    [Fact]
    public void A_pipe_gets_plain_columns_whole_and_without_escapes()
    {
        string text = Table().Render(FakeTerminal.Of().Terminal);
        string longName = new('n', 200);
        Assert.Equal($"ID  STATE      NAME\n1   running    {longName}\n22  succeeded  -\n", text);
    }

    [Fact]
    public void A_terminal_gets_colours_and_no_escape_of_the_data()
    {
        string text = Table("\x1b[2Jname [red]").Render(FakeTerminal.Of(outputIsTerminal: true).Terminal);
        Assert.Contains("\x1b[", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\x1b[2J", text, StringComparison.Ordinal);
        Assert.Contains("name [red]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_terminal_that_is_too_narrow_gets_plain_columns_and_no_broken_words()
    {
        var table = new TableView("ID", "QUEUE", "NOTE");
        table.Add("118559527141378", new string('q', 60), "short");

        string text = table.Render(FakeTerminal.Of(outputIsTerminal: true).Terminal);

        Assert.Contains($"118559527141378  {new string('q', 60)}  short", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_colour_means_no_escape_at_all()
    {
        string text = Table().Render(FakeTerminal.Of(outputIsTerminal: true, plain: true).Terminal);
        Assert.DoesNotContain('\x1b', text);
    }

    private static TableView Table(string? name = null)
    {
        var table = new TableView("ID", "STATE", "NAME");
        table.Add("1", "running", name ?? new string('n', 200));
        table.Add("22", "succeeded", null);
        return table;
    }
}
