using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class ShmCommand
{
    public static Command Create(CommandHost host) => new("shm", "Read segments of shared memory, and take " +
        "their names.")
    {
        List(host),
        Unlink(host),
    };

    private static Command List(CommandHost host)
    {
        var command = new Command("list", "List all segments of shared memory, oldest first.");
        host.SetAction(command, async context =>
        {
            var table = new TableView("ID", "NAME", "SIZE", "AGE", "TASK", "USED BY");
            await foreach (var segment in context.Client.Memory.ListAsync(context.CancellationToken))
            {
                if (context.Json)
                    await context.PrintJsonAsync(SegmentRecord.From(segment), CliJson.Readable.SegmentRecord);
                else
                    AddRow(table, segment);
            }

            if (!context.Json)
                await context.PrintAsync(table.Render(context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Unlink(CommandHost host)
    {
        Argument<string[]> names = new("NAME")
        {
            Description = "Names of the segments.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command(
            "unlink", "Take the names of segments away; they go when their last user has closed them.") { names };
        host.SetAction(command, context => context.ForEachAsync(context.Get(names), async name =>
        {
            await context.Client.Memory.UnlinkAsync(name, context.CancellationToken);
            if (!context.Json)
                context.Say($"The name {name} is free.");
        }));
        return command;
    }

    private static void AddRow(TableView table, SharedMemoryInfo segment) => table.Add(
        Words.Number(segment.Id),
        segment.Name ?? "",
        Words.Size(segment.Length),
        Words.Duration(DateTimeOffset.UtcNow - segment.CreatedAt),
        segment.Task?.ToString() ?? "",
        string.Join(", ", segment.Users));
}
