using System.CommandLine;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class RetryCommand
{
    public static Command Create(CommandHost host)
    {
        Argument<TaskId[]> ids = OptionKinds.TaskIds("Numbers of tasks that have ended.", ArgumentArity.OneOrMore);
        var command = new Command(
            "retry", "Submit finished tasks once more and print the numbers of the new ones.") { ids };
        host.SetAction(command, context => context.ForEachAsync(context.Get(ids), async id =>
            await SubmitCommand.PrintAsync(
                context, await context.Client.RetryTaskAsync(id, context.CancellationToken), retryOf: id)));
        return command;
    }
}
