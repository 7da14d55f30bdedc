using Queued.Cli.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Queued.Cli.Tests.Rendering;

public sealed class ProgressColumnTests
{
    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "50%")]
    public void A_share_is_shown_only_where_it_is_known(bool isIndeterminate, string expected)
    {
        using var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No });
        var task = new ProgressTask(1, "map", maxValue: 10) { IsIndeterminate = isIndeterminate, Value = 5 };
        IRenderable text = new KnownPercentageColumn().Render(
            RenderOptions.Create(console, console.Profile.Capabilities), task, TimeSpan.Zero);
        console.Write(text);
        Assert.Equal(expected, writer.ToString().Trim());
    }
}
