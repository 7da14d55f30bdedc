using System.CommandLine;
using System.Reflection;
using System.Text.RegularExpressions;
using Queued.Cli.Commands;

namespace Queued.Cli.Tests;

/// <summary>docs/cli.md says what is there.</summary>
public sealed partial class DocumentationTests
{
    internal static string Page { get; } = File.ReadAllText(Path.Combine(BuiltProgram.Root, "docs", "cli.md"));

    [Fact]
    public void The_table_of_exit_codes_has_every_code()
    {
        int[] documented = [.. ExitRow().Matches(Page).Select(row => int.Parse(row.Groups[1].Value, null)).Order()];
        int[] known = [.. typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (int)field.GetRawConstantValue()!).Order()];
        Assert.Equal(known, documented);
    }

    [Fact]
    public void Every_verb_has_an_example()
    {
        using FakeTerminal terminal = FakeTerminal.Of();
        using var interruption = new Interruption();
        RootCommand root = QueueCtl.Tree(new CommandHost(terminal.Terminal, interruption));
        string examples = string.Concat(Example().Matches(Page).Select(match => match.Value)).Replace('\n', ' ');
        Assert.All(Verbs(root, "queuectl"), verb => Assert.Contains(verb + " ", examples, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_option_that_submits_is_documented()
    {
        var command = new Command("any");
        new SubmitFlags().AddTo(command);
        Assert.All(command.Options, option => Assert.Contains($"`{option.Name}", Page, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Verbs(Command command, string path) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(child => Verbs(child, $"{path} {child.Name}"));

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex ExitRow();

    [GeneratedRegex(@"^```sh run\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();
}
