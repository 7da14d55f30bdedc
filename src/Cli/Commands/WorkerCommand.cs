using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class WorkerCommand
{
    public static Command Create(CommandHost host) => new("worker", "Read and stop worker processes.")
    {
        List(host),
        Stop(host),
    };

    private static Command List(CommandHost host)
    {
        Option<string?> pool = OptionKinds.Text("--pool", "Only those of this pool.", "NAME");
        var command = new Command("list", "List all workers, oldest first.") { pool };
        host.SetAction(command, async context =>
        {
            var table = new TableView(
                "ID", StateColours.Column, "POOL", "PROCESS", "AGE", "ATTEMPTS", "MEMORY", "RUNS");
            await foreach (var worker in context.Client.Workers.ListAsync(context.Get(pool), context.CancellationToken))
            {
                if (context.Json)
                    await PrintJsonAsync(context, worker);
                else
                    AddRow(table, worker);
            }

            if (!context.Json)
                await context.PrintAsync(table.Render(context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Stop(CommandHost host)
    {
        Argument<string[]> ids = new("ID")
        {
            Description = "Ids of the workers, such as w7.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> kill = OptionKinds.Flag("--kill", "Kill them now; what they run goes to other workers.");
        var command = new Command(
            "stop", "Stop workers after the attempts they run; their pool starts others.") { ids, kill };
        host.SetAction(command, context => context.ForEachAsync(context.Get(ids), async id =>
        {
            WorkerInfo worker = await context.Client.Workers.StopAsync(
                id, context.Get(kill), context.CancellationToken);
            if (context.Json)
                await PrintJsonAsync(context, worker);
            else
                context.Say($"Worker {worker.Id} is {Words.Name(worker.State)}.");
        }));
        return command;
    }

    private static Task PrintJsonAsync(CommandContext context, WorkerInfo worker) =>
        context.PrintJsonAsync(WorkerRecord.From(worker), CliJson.Readable.WorkerRecord);

    private static void AddRow(TableView table, WorkerInfo worker) => table.Add(
        worker.Id,
        Words.Name(worker.State),
        worker.Pool.Length == 0 ? "(external)" : worker.Pool,
        Words.Number(worker.ProcessId),
        Words.Duration(DateTimeOffset.UtcNow - worker.StartedAt),
        Words.Number(worker.AttemptsTotal),
        Words.SizeOrNone(worker.ResidentBytes),
        string.Join(", ", worker.Running.Select(
            running => $"{running.Handler} {running.Task}/{running.Attempt}{(running.Waiting ? " (waits)" : "")}")));
}
