using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>Shared objects; what is in them is in StateContents.cs.</summary>
internal static class StateCommand
{
    public static Command Create(CommandHost host) =>
        new("state", "Shared state: locks, events, counters, values, maps and all other kinds.")
        {
            List(host),
            Show(host),
            StateContents.Get(host),
            StateContents.Set(host),
            StateContents.Add(host),
            Delete(host),
        };

    private static Command List(CommandHost host)
    {
        Option<string[]> kinds = OptionKinds.Many("--kind", "Only of this kind. May be given many times.", "KIND");
        kinds.Validators.Add(result =>
        {
            foreach (string kind in result.GetValueOrDefault<string[]>() ?? [])
            {
                if (ToKind(kind) is null)
                    result.AddError($"--kind: '{kind}' is none of {string.Join(", ", Known())}.");
            }
        });
        var command = new Command("list", "List shared objects.") { kinds };
        host.SetAction(command, async context =>
        {
            StateKind[] wanted = [.. (context.Get(kinds) ?? []).Select(kind => ToKind(kind)!.Value)];
            var table = new TableView("NAME", "KIND", "KEEP", "USERS", "HELD", "WAITING", "COUNT", "SIZE");
            await foreach (StateInfo state in context.Client.States.ListAsync(wanted, context.CancellationToken))
            {
                if (context.Json)
                    await context.PrintJsonAsync(StateRecord.From(state), CliJson.Readable.StateRecord);
                else
                    AddRow(table, state);
            }

            if (!context.Json)
                await context.PrintAsync(table.Render(context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the object.");
        var command = new Command("show", "Show all that the daemon knows of a shared object.") { name };
        host.SetAction(command, async context =>
        {
            StateInfo state = await context.Client.States.GetAsync(context.Get(name), context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(StateRecord.From(state), CliJson.Readable.StateRecord);
            else
                await context.PrintAsync(Render(state));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Delete(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the object.");
        Option<bool> force = OptionKinds.Flag("--force", "Also where somebody holds it or waits for it.");
        var command = new Command("delete", "Remove a shared object.") { name, force };
        host.SetAction(command, async context =>
        {
            await context.Client.States.DeleteAsync(
                context.Get(name), context.Get(force), context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(
                    new DeletedRecord(context.Get(name), true), CliJson.Readable.DeletedRecord);
            else
                context.Say($"{context.Get(name)} is deleted.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static IEnumerable<string> Known() =>
        Enum.GetValues<StateKind>().Where(kind => kind != StateKind.Unknown).Select(Words.Name);

    private static StateKind? ToKind(string name) => Enum.GetValues<StateKind>()
        .Where(kind => kind != StateKind.Unknown && Words.Name(kind) == name)
        .Select(kind => (StateKind?)kind)
        .FirstOrDefault();

    private static void AddRow(TableView table, StateInfo state) => table.Add(
        state.Name,
        Words.Name(state.Kind),
        state.Keep ? "yes" : "no",
        Words.Number(state.Users),
        Words.Number(state.Grants.Count),
        Words.Number(state.Waiting),
        Words.Number(state.Kind == StateKind.Counter ? state.Value : state.Count),
        Words.Size(state.SizeBytes));

    private static string Render(StateInfo state)
    {
        var fields = new FieldsView();
        fields.Add("name", state.Name);
        fields.Add("kind", Words.Name(state.Kind));
        fields.Add("keep", state.Keep ? "yes" : "no");
        fields.Add("users", Words.Number(state.Users));
        fields.Add("waiting", Words.Number(state.Waiting));
        if (state.Kind == StateKind.Counter)
            fields.Add("value", Words.Number(state.Value));
        else
            fields.Add("count", Words.Number(state.Count));
        fields.Add("permits", Words.NumberOrNone(state.Permits));
        fields.Add("parties", Words.NumberOrNone(state.Parties));
        fields.Add("length", Words.NumberOrNone(state.Length));
        fields.Add("element bytes", Words.NumberOrNone(state.ElementBytes));
        fields.Add("size", Words.SizeOrNone(state.SizeBytes));
        if (state.Broken)
            fields.Add("broken", "yes");
        foreach (GrantInfo grant in state.Grants)
        {
            string until = grant.LeaseUntil is { } time ? $", until {Words.Time(time)}" : "";
            fields.Add("held", $"{grant.FencingToken} by {grant.Holder} since {Words.Time(grant.GrantedAt)}{until}");
        }

        return fields.Render();
    }
}
