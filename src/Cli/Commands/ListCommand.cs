using System.CommandLine;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class ListCommand
{
    private const int LimitDefault = 100;

    private const int PageSizeMax = 1000;

    public static Command Create(CommandHost host)
    {
        Option<string?> queue = OptionKinds.Text("--queue", "Only in this queue.", "NAME");
        Option<string?> handler = OptionKinds.Text("--handler", "Only with this handler.", "NAME");
        Option<TaskState[]> states = TaskStates("--state", "Only in this state; may be given many times.");
        Option<Dictionary<string, string>> labels = OptionKinds.Pairs(
            "--label", "Only with this label; may be given many times.");
        Option<DateTimeOffset?> after = OptionKinds.Time("--after", "Only submitted at or after this time.");
        Option<DateTimeOffset?> before = OptionKinds.Time("--before", "Only submitted before this time.");
        Option<int?> limit = OptionKinds.Number("--limit", "How many at most. Default: 100.", 1, int.MaxValue);
        var command = new Command(
            "list", "List tasks, newest first.") { queue, handler, states, labels, after, before, limit };
        host.SetAction(command, async context =>
        {
            int most = context.Get(limit) ?? LimitDefault;
            var query = new TaskQuery
            {
                Queue = context.Get(queue),
                Handler = context.Get(handler),
                States = context.Get(states) ?? [],
                Labels = context.Get(labels),
                SubmittedAfter = context.Get(after),
                SubmittedBefore = context.Get(before),
                PageSize = Math.Min(most, PageSizeMax),
            };
            await TaskTable.PrintAsync(context, context.Client.ListTasksAsync(query, context.CancellationToken), most);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<TaskState[]> TaskStates(string name, string description)
    {
        Dictionary<string, TaskState> known = Enum.GetValues<TaskState>()
            .Where(state => state != TaskState.Unknown)
            .ToDictionary(state => Words.Name(state), StringComparer.OrdinalIgnoreCase);
        string names = string.Join(", ", known.Keys);
        return new Option<TaskState[]>(name)
        {
            Description = $"{description} One of {names}.",
            HelpName = "STATE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            DefaultValueFactory = _ => [],
            CustomParser = result =>
            {
                var states = new List<TaskState>();
                foreach (string word in result.Tokens.SelectMany(token => token.Value.Split(',')))
                {
                    if (known.TryGetValue(word, out TaskState state))
                        states.Add(state);
                    else
                        result.AddError($"{name}: '{word}' is not one of {names}.");
                }

                return [.. states];
            },
        };
    }
}
