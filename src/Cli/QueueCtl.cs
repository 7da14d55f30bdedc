using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Queued.Cli.Commands;
using Queued.Cli.Output;
using Queued.Cli.Rendering;

namespace Queued.Cli;

/// <summary>The tree of verbs, and one run of it.</summary>
internal static class QueueCtl
{
    public static RootCommand Tree(CommandHost host)
    {
        var root = new RootCommand("Submits, follows and steers the tasks of a queued daemon.")
        {
            RunCommand.Create(host),
            SubmitCommand.Create(host),
            MapCommand.Create(host),
            ExecCommand.Create(host),
            WaitCommand.Create(host),
            ShowCommand.Create(host),
            ListCommand.Create(host),
            LogsCommand.Create(host),
            CancelCommand.Create(host),
            RetryCommand.Create(host),
            DeadCommand.Create(host),
            QueueCommand.Create(host),
            PoolCommand.Create(host),
            WorkerCommand.Create(host),
            ShmCommand.Create(host),
            LockCommand.Create(host),
            StateCommand.Create(host),
            PipeCommand.Create(host),
            StatusCommand.Create(host),
            BackupCommand.Create(host),
            CompletionCommand.Create(host),
        };
        host.Global.AddTo(root);
        return root;
    }

    public static async Task<int> RunAsync(
        IReadOnlyList<string> arguments, Terminal terminal, Interruption interruption)
    {
        try
        {
            return await InvokeAsync(arguments, terminal, interruption);
        }
        catch (OutputClosedException)
        {
            // The reader has what it wanted, as with `| head`: nothing to say.
            return ExitCode.OutputClosed;
        }
        catch (OutputFailedException exception)
        {
            terminal.Error.WriteLine(ErrorReport.Line(ErrorReport.Of(exception)));
            return ExitCode.Failed;
        }
    }

    private static async Task<int> InvokeAsync(
        IReadOnlyList<string> arguments, Terminal terminal, Interruption interruption)
    {
        var host = new CommandHost(terminal, interruption);
        if (arguments.Count == 0)
            return await ExplainAsync(host, terminal);
        ParseResult parse = Tree(host).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is ParseErrorAction)
            return Refuse(parse, terminal);

        using var help = new StringWriter();
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = help,
            Error = terminal.Error,
        };
        int exitCode = await parse.InvokeAsync(configuration, interruption.Token);
        byte[] text = System.Text.Encoding.UTF8.GetBytes(help.ToString());
        if (text.Length > 0)
            await terminal.Output.WriteAsync(text, CancellationToken.None);
        return exitCode;
    }

    /// <summary>Without a word of what to do: the help, as talk, and the exit code of a bad command line.</summary>
    private static async Task<int> ExplainAsync(CommandHost host, Terminal terminal)
    {
        var configuration = new InvocationConfiguration { Output = terminal.Error, Error = terminal.Error };
        await Tree(host).Parse(["--help"]).InvokeAsync(configuration, CancellationToken.None);
        terminal.Error.WriteLine("queuectl: A verb is missing.");
        return ExitCode.Usage;
    }

    private static int Refuse(ParseResult parse, Terminal terminal)
    {
        Command command = parse.CommandResult.Command;
        IEnumerable<string> messages = parse.Errors.Select(error => error.Message);
        if (command.Subcommands.Count > 0)
        {
            // Of the words that were left over only the first one was meant as a verb.
            messages = parse.Errors
                .Where(error => error.SymbolResult is not CommandResult)
                .Select(error => error.Message)
                .Append(VerbMessage(command, parse.UnmatchedTokens is [var word, ..] ? word : null));
        }

        foreach (string message in messages.Distinct(StringComparer.Ordinal))
            terminal.Error.WriteLine($"queuectl: {SafeText.Line(message)}");
        terminal.Error.WriteLine($"Try '{Path(command)} --help'.");
        return ExitCode.Usage;
    }

    private static string VerbMessage(Command command, string? word)
    {
        string verbs = $"{Path(command)} has {string.Join(", ", command.Subcommands.Select(verb => verb.Name))}.";
        return word switch
        {
            null => $"A verb is missing; {verbs}",
            ['-', ..] => $"There is no option '{word}', and a verb is missing; {verbs}",
            _ => $"There is no verb '{word}'; {verbs}",
        };
    }

    private static string Path(Command command)
    {
        Command? parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? "queuectl" : $"{Path(parent)} {command.Name}";
    }
}
