using System.CommandLine;
using System.Globalization;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class LockCommand
{
    private static readonly StateKind[] Kinds =
    [
        StateKind.Lock, StateKind.RLock, StateKind.Semaphore, StateKind.BoundedSemaphore, StateKind.Condition,
    ];

    public static Command Create(CommandHost host) =>
        new("lock", "Who holds locks, semaphores and conditions, and who waits for them.")
        {
            List(host),
            Release(host),
        };

    private static Command List(CommandHost host)
    {
        var command = new Command("list", "List locks, semaphores and conditions, one line for each that holds one.");
        host.SetAction(command, async context =>
        {
            var table = new TableView("NAME", "KIND", "TOKEN", "HOLDER", "SINCE", "LEASE UNTIL", "DEPTH", "WAITING");
            await foreach (StateInfo state in context.Client.States.ListAsync(Kinds, context.CancellationToken))
            {
                if (context.Json)
                    await context.PrintJsonAsync(StateRecord.From(state), CliJson.Readable.StateRecord);
                else
                    AddRows(table, state);
            }

            if (!context.Json)
                await context.PrintAsync(table.Render(context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Release(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the lock, semaphore or condition.");
        Option<ulong?> token = new("--token")
        {
            Description = "Number of the grant. Default: the oldest.",
            HelpName = "TOKEN",
        };
        var command = new Command(
            "release", "Take a lock or a permit away from who holds it, and print the number of the grant.")
        {
            name, token,
        };
        host.SetAction(command, async context =>
        {
            ulong released = await context.Client.States.RevokeAsync(
                context.Get(name), context.Get(token) ?? 0, context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(
                    new LockRecord(context.Get(name), released), CliJson.Readable.LockRecord);
            else
                await context.PrintLineAsync(released.ToString(CultureInfo.InvariantCulture));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void AddRows(TableView table, StateInfo state)
    {
        string waiting = Words.Number(state.Waiting);
        if (state.Grants.Count == 0)
            table.Add(state.Name, Words.Name(state.Kind), null, null, null, null, null, waiting);
        foreach (GrantInfo grant in state.Grants)
        {
            table.Add(
                state.Name,
                Words.Name(state.Kind),
                grant.FencingToken.ToString(CultureInfo.InvariantCulture),
                grant.Holder,
                Words.Time(grant.GrantedAt),
                Words.Time(grant.LeaseUntil),
                Words.Number(grant.Depth),
                waiting);
        }
    }
}
