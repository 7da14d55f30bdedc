using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;

namespace Queued.Cli.Commands;

/// <summary>What all verbs of one run share, and the one place where what they throw becomes an exit code.</summary>
internal sealed class CommandHost(Terminal terminal, Interruption interruption)
{
    public GlobalOptions Global { get; } = new();

    /// <param name="command">The verb.</param>
    /// <param name="body">What it does; returns its exit code.</param>
    /// <param name="exitCodeOf">Exit codes of errors, where the verb has its own.</param>
    public void SetAction(
        Command command, Func<CommandContext, Task<int>> body, Func<Exception, int>? exitCodeOf = null) =>
        command.SetAction(async (parse, _) =>
        {
            await using var context = new CommandContext(parse, Global, terminal, interruption);
            try
            {
                return await body(context);
            }
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                return interruption.ExitCode;
            }
            catch (Exception exception) when (exception is not OutputClosedException)
            {
                context.Report(exception);
                return exitCodeOf is null ? ErrorReport.ExitCodeOf(exception) : exitCodeOf(exception);
            }
        });
}
