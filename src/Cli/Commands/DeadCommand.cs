using System.CommandLine;
using Queued.Cli.Output;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class DeadCommand
{
    private const int LimitDefault = 100;

    public static Command Create(CommandHost host) =>
        new("dead", "The dead letters of a queue: tasks that failed or ran out of time for good.")
        {
            List(host),
            Requeue(host),
        };

    private static Command List(CommandHost host)
    {
        Argument<string> queue = OptionKinds.Name("QUEUE", "Name of the queue.");
        Option<int?> limit = OptionKinds.Number("--limit", "How many at most. Default: 100.", 1, int.MaxValue);
        var command = new Command("list", "List the dead letters of a queue, oldest first.") { queue, limit };
        host.SetAction(command, async context =>
        {
            IAsyncEnumerable<TaskInfo> dead = context.Client.Queues.ListDeadAsync(
                context.Get(queue), context.CancellationToken);
            await TaskTable.PrintAsync(context, dead, context.Get(limit) ?? LimitDefault);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Requeue(CommandHost host)
    {
        Argument<string> queue = OptionKinds.Name("QUEUE", "Name of the queue.");
        Argument<TaskId[]> ids = OptionKinds.TaskIds("Numbers of the dead letters.", ArgumentArity.ZeroOrMore);
        Option<bool> all = OptionKinds.Flag("--all", "All of them.");
        var command = new Command(
            "requeue", "Submit dead letters once more, as new tasks, and print the new numbers.") { queue, ids, all };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) == (result.GetValue(ids) is { Length: > 0 }))
                result.AddError("Say which dead letters: their numbers, or --all.");
        });
        host.SetAction(command, async context =>
        {
            IReadOnlyList<TaskId> added = await context.Client.Queues.RequeueDeadAsync(
                context.Get(queue), context.Get(all) ? null : context.Get(ids), context.CancellationToken);
            foreach (TaskId id in added)
            {
                if (context.Json)
                    await context.PrintJsonAsync(new SubmitRecord(id.Value), CliJson.Readable.SubmitRecord);
                else
                    await context.PrintLineAsync(id.ToString());
            }

            context.Say($"{added.Count} requeued.");
            return ExitCode.Ok;
        });
        return command;
    }
}
