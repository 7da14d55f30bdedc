using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class QueueCommand
{
    public static Command Create(CommandHost host) => new("queue", "Declare, read and steer queues.")
    {
        List(host),
        One(host, "show", "Show all that the daemon knows of a queue.",
            (queues, name, token) => queues.GetAsync(name, token)),
        QueueDeclareCommand.Create(host),
        One(host, "pause", "Stop giving out tasks; submits go on.",
            (queues, name, token) => queues.PauseAsync(name, token)),
        One(host, "resume", "Give out and take tasks again: ends a pause or a drain.",
            (queues, name, token) => queues.ResumeAsync(name, token)),
        One(host, "drain", "Refuse new tasks and let what is there finish.",
            (queues, name, token) => queues.DrainAsync(name, token)),
        Purge(host),
        Delete(host),
        MessageCommands.Put(host),
        MessageCommands.Get(host),
        MessageCommands.Peek(host),
        MessageCommands.Join(host),
    };

    public static async Task PrintAsync(CommandContext context, QueueInfo queue)
    {
        if (context.Json)
            await context.PrintJsonAsync(QueueRecord.From(queue), CliJson.Readable.QueueRecord);
        else
            await context.PrintAsync(Render(queue));
    }

    private static Command List(CommandHost host)
    {
        var command = new Command("list", "List all queues.");
        host.SetAction(command, async context =>
        {
            var table = new TableView(
                "NAME", StateColours.Column, "SCHEDULED", "QUEUED", "RUNNING", "RETRYING", "DEAD", "SUCCEEDED",
                "FAILED", "OLDEST", "POOLS");
            await foreach (QueueInfo queue in context.Client.Queues.ListAsync(context.CancellationToken))
            {
                if (context.Json)
                    await PrintAsync(context, queue);
                else
                    AddRow(table, queue);
            }

            if (!context.Json)
                await context.PrintAsync(table.Render(context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command One(
        CommandHost host,
        string verb,
        string description,
        Func<IQueues, string, CancellationToken, Task<QueueInfo>> act)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the queue.");
        var command = new Command(verb, description) { name };
        host.SetAction(command, async context =>
        {
            await PrintAsync(context, await act(context.Client.Queues, context.Get(name), context.CancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Purge(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the queue.");
        var command = new Command(
            "purge", "Cancel every task that does not run, and print how many these were.") { name };
        host.SetAction(command, async context =>
        {
            long count = await context.Client.Queues.PurgeAsync(context.Get(name), context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(new PurgeRecord(context.Get(name), count), CliJson.Readable.PurgeRecord);
            else
                await context.PrintLineAsync(Words.Number(count));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Delete(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the queue.");
        var command = new Command("delete", "Remove an empty queue that no pool serves.") { name };
        host.SetAction(command, async context =>
        {
            await context.Client.Queues.DeleteAsync(context.Get(name), context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(
                    new DeletedRecord(context.Get(name), true), CliJson.Readable.DeletedRecord);
            else
                context.Say($"Queue {context.Get(name)} is deleted.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void AddRow(TableView table, QueueInfo queue) => table.Add(
        queue.Name,
        Words.Name(queue.State),
        Words.Number(queue.ScheduledCount),
        Words.Number(queue.QueuedCount),
        Words.Number(queue.RunningCount),
        Words.Number(queue.RetryingCount),
        Words.Number(queue.DeadCount),
        Words.Number(queue.SucceededTotal),
        Words.Number(queue.FailedTotal),
        Words.Duration(DateTimeOffset.UtcNow - queue.OldestQueuedAt),
        string.Join(',', queue.Pools));

    private static string Render(QueueInfo queue)
    {
        var fields = new FieldsView();
        fields.Add("queue", queue.Name);
        fields.Add("state", Words.Name(queue.State));
        fields.Add("scheduled", Words.Number(queue.ScheduledCount));
        fields.Add("queued", Words.Number(queue.QueuedCount));
        fields.Add("running", Words.Number(queue.RunningCount));
        fields.Add("retrying", Words.Number(queue.RetryingCount));
        fields.Add("dead", Words.Number(queue.DeadCount));
        fields.Add("payloads", Words.Size(queue.PayloadBytes));
        fields.Add("succeeded", Words.Number(queue.SucceededTotal));
        fields.Add("failed", Words.Number(queue.FailedTotal));
        fields.Add("cancelled", Words.Number(queue.CancelledTotal));
        fields.Add("oldest queued", Words.Time(queue.OldestQueuedAt));
        fields.Add("pools", string.Join(", ", queue.Pools));
        fields.Add("getters", Words.Number(queue.WaitingGetters));
        fields.Add("putters", Words.Number(queue.WaitingPutters));
        fields.Add("kind", Words.Name(queue.Policy.Kind));
        fields.Add("order", Words.Name(queue.Policy.Order));
        fields.Add("ephemeral", queue.Ephemeral ? "yes" : null);
        fields.Add("durability", Words.Name(queue.Policy.Durability));
        fields.Add("tasks max", Words.Number(queue.Policy.TasksMax));
        fields.Add("bytes max", Words.SizeOrNone(queue.Policy.BytesMax));
        fields.Add("running max", queue.Policy.RunningMax is { } running ? Words.NumberOrNone(running) : null);
        fields.Add("dead max", Words.Number(queue.Policy.DeadMax));
        RetryPolicy? retry = queue.Policy.Retry;
        fields.Add("max attempts", Words.Number(retry?.MaxAttempts));
        fields.Add("max deliveries", Words.Number(retry?.MaxDeliveries));
        fields.Add("timeout", Words.Duration(queue.Policy.Timeout));
        fields.Add("grace", Words.Duration(queue.Policy.Grace));
        fields.Add("result ttl", Words.Duration(queue.Policy.ResultTtl));
        return fields.Render();
    }
}
