using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class CancelCommand
{
    public static Command Create(CommandHost host)
    {
        Argument<TaskId[]> ids = OptionKinds.TaskIds("Numbers of the tasks.", ArgumentArity.OneOrMore);
        Option<string?> reason = OptionKinds.Text("--reason", "One line for people, kept with the task.", "TEXT");
        Option<TimeSpan?> grace = SharedOptions.Grace();
        var command = new Command(
            "cancel", "Cancel tasks: queued ones end at once, running ones are asked to stop, then made to.")
        {
            ids, reason, grace,
        };
        host.SetAction(command, context => context.ForEachAsync(context.Get(ids), async id =>
        {
            TaskInfo task = await context.Client.CancelTaskAsync(
                id, context.Get(reason), context.Get(grace), context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(TaskRecord.From(task), CliJson.Readable.TaskRecord);
            else
                context.Say(
                    task.State.IsFinal() ? $"Task {id} is {Words.Name(task.State)}." : $"Task {id} was asked to stop.");
        }));
        return command;
    }
}
