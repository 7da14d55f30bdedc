using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class PoolCommand
{
    public static Command Create(CommandHost host) => new("pool", "Make, read and steer pools of worker processes.")
    {
        List(host),
        Show(host),
        PoolCreateCommand.Create(host),
        Scale(host),
        Reload(host),
        Delete(host),
    };

    public static async Task PrintAsync(CommandContext context, PoolInfo pool)
    {
        if (context.Json)
            await context.PrintJsonAsync(PoolRecord.From(pool), CliJson.Readable.PoolRecord);
        else
            await context.PrintAsync(Render(pool));
    }

    private static Command List(CommandHost host)
    {
        var command = new Command("list", "List all pools.");
        host.SetAction(command, async context =>
        {
            var table = new TableView(
                "NAME", StateColours.Column, "SIZE", "READY", "BUSY", "STARTING", "DRAINING", "RESTARTS", "ATTEMPTS",
                "QUEUES", "NOTE");
            await foreach (PoolInfo pool in context.Client.Pools.ListAsync(context.CancellationToken))
            {
                if (context.Json)
                    await PrintAsync(context, pool);
                else
                    AddRow(table, pool);
            }

            if (!context.Json)
                await context.PrintAsync(table.Render(context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(CommandHost host)
    {
        Argument<string> name = Name();
        var command = new Command("show", "Show all that the daemon knows of a pool.") { name };
        host.SetAction(command, async context =>
        {
            await PrintAsync(
                context, await context.Client.Pools.GetAsync(context.Get(name), context.CancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Scale(CommandHost host)
    {
        Argument<string> name = Name();
        Argument<int> size = new("SIZE") { Description = "How many workers, 0 to 1024." };
        var command = new Command(
            "scale", "Change the number of workers; those that are too many finish their attempts first.")
        {
            name, size,
        };
        host.SetAction(command, async context =>
        {
            await PrintAsync(context, await context.Client.Pools.ScaleAsync(
                context.Get(name), context.Get(size), context.CancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Reload(CommandHost host)
    {
        Argument<string> name = Name();
        var command = new Command(
            "reload", "Replace every worker: new ones get ready, then old ones finish and leave.") { name };
        host.SetAction(command, async context =>
        {
            await PrintAsync(
                context, await context.Client.Pools.ReloadAsync(context.Get(name), context.CancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Delete(CommandHost host)
    {
        Argument<string> name = Name();
        var command = new Command(
            "delete", "Stop the workers and remove the pool; its queues and their tasks stay.") { name };
        host.SetAction(command, async context =>
        {
            await context.Client.Pools.DeleteAsync(context.Get(name), context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(
                    new DeletedRecord(context.Get(name), true), CliJson.Readable.DeletedRecord);
            else
                context.Say($"Pool {context.Get(name)} is being deleted.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> Name() => OptionKinds.Name("NAME", "Name of the pool.");

    private static void AddRow(TableView table, PoolInfo pool) => table.Add(
        pool.Spec.Name,
        Words.Name(pool.State),
        Words.Number((long)pool.Spec.Size),
        Words.Number((long)pool.ReadyCount),
        Words.Number((long)pool.BusyCount),
        Words.Number((long)pool.StartingCount),
        Words.Number((long)pool.DrainingCount),
        Words.Number(pool.RestartsTotal),
        Words.Number(pool.AttemptsTotal),
        string.Join(',', pool.Spec.Queues),
        SafeText.Line(pool.LastBootError, 60));

    private static string Render(PoolInfo pool)
    {
        PoolSpec spec = pool.Spec;
        var fields = new FieldsView();
        fields.Add("pool", spec.Name);
        fields.Add("state", Words.Name(pool.State));
        fields.Add("size", Words.Number((long)spec.Size));
        fields.Add("ready", Words.Number((long)pool.ReadyCount));
        fields.Add("busy", Words.Number((long)pool.BusyCount));
        fields.Add("starting", Words.NumberOrNone(pool.StartingCount));
        fields.Add("draining", Words.NumberOrNone(pool.DrainingCount));
        fields.Add("generation", Words.Number((long)pool.Generation));
        fields.Add("restarts", Words.Number(pool.RestartsTotal));
        fields.Add("attempts", Words.Number(pool.AttemptsTotal));
        fields.AddBlock("last boot error", pool.LastBootError);
        fields.Add("queues", string.Join(", ", spec.Queues));
        fields.Add("command", spec.Exec ? "(any: exec)" : string.Join(' ', spec.Command));
        fields.Add("environment", string.Join(", ", spec.Environment.Keys.Order(StringComparer.Ordinal)));
        fields.Add("directory", spec.WorkingDirectory);
        fields.Add("slots", Words.Number((long)spec.Slots));
        fields.Add("tasks max", spec.TasksMax is { } tasks ? Words.NumberOrNone(tasks) : null);
        fields.Add("age max", Words.Duration(spec.AgeMax));
        fields.Add("memory soft", Words.SizeOrNone(spec.MemorySoftBytes));
        fields.Add("memory hard", Words.SizeOrNone(spec.MemoryHardBytes));
        fields.Add("boot timeout", Words.Duration(spec.BootTimeout));
        fields.Add("heartbeat timeout", Words.Duration(spec.HeartbeatTimeout));
        fields.Add("stop grace", Words.Duration(spec.StopGrace));
        fields.Add("term grace", Words.Duration(spec.TermGrace));
        return fields.Render();
    }
}
