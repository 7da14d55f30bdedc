using System.CommandLine;
using System.Globalization;
using Queued.Cli.Input;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>What is in shared objects. What these verbs make is kept, or it would be gone with queuectl.</summary>
internal static class StateContents
{
    private const int ValueBytesMax = 1024 * 1024;

    public static Command Get(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of a counter, event, value, map or list.");
        Option<string?> key = OptionKinds.Text("--key", "Only this entry of a map.", "KEY");
        Option<bool> raw = SharedOptions.Raw();
        var command = new Command("get", "Print what is in a shared object.") { name, key, raw };
        host.SetAction(command, async context =>
        {
            StateInfo state = await context.Client.States.GetAsync(context.Get(name), context.CancellationToken);
            if (state.Kind == StateKind.Map && context.Get(key) is { } one)
                return await PrintEntryAsync(
                    context, context.Client.Map<TaskPayload>(state.Name), one, context.Get(raw));
            await PrintAsync(context, state, context.Get(raw));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Set(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of a counter, event, value or map.");
        Argument<string> value = new("VALUE")
        {
            Description = "A number for a counter, true or false for an event; else the bytes: the word itself, - for "
                + "standard input, @FILE for a file's content.",
        };
        Option<string?> key = OptionKinds.Text("--key", "This entry of a map.", "KEY");
        var command = new Command(
            "set", "Set a shared object. Where there is none a value is made, or with --key a map.")
        {
            name, value, key,
        };
        host.SetAction(command, async context =>
        {
            StateInfo? state = await context.Client.States.FindAsync(context.Get(name), context.CancellationToken);
            await SetAsync(context, context.Get(name), state, context.Get(key), context.Get(value));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Add(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of a counter or a list.");
        Argument<string> value = new("VALUE")
        {
            Description = "What to add to a counter, or the item to add at the end of a list. Default: 1.",
            DefaultValueFactory = _ => "1",
        };
        var command = new Command(
            "add", "Add to a counter and print it, or to a list. Where there is none a counter is made.")
        {
            name, value,
        };
        host.SetAction(command, async context =>
        {
            StateInfo? state = await context.Client.States.FindAsync(context.Get(name), context.CancellationToken);
            await AddAsync(context, context.Get(name), state, context.Get(value));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task PrintAsync(CommandContext context, StateInfo state, bool raw)
    {
        switch (state.Kind)
        {
            case StateKind.Counter:
                await PrintNumberAsync(context, state.Name, state.Value);
                break;
            case StateKind.Event when context.Json:
                await PrintAsync(context, new ContentRecord { Name = state.Name, Set = state.Count > 0 });
                break;
            case StateKind.Event:
                await context.PrintLineAsync(state.Count > 0 ? "true" : "false");
                break;
            case StateKind.Value:
                SharedValue<TaskPayload> value = context.Client.Value<TaskPayload>(state.Name);
                await PrintAsync(context, state.Name, null, await value.GetAsync(context.CancellationToken), raw);
                break;
            case StateKind.Map:
                SharedMap<TaskPayload> map = context.Client.Map<TaskPayload>(state.Name);
                await foreach (SharedMapEntry<TaskPayload> entry in map.EntriesAsync(context.CancellationToken))
                {
                    if (!context.Json)
                        await context.PrintAsync(SafeText.Line(entry.Key) + "\t");
                    await PrintAsync(context, state.Name, entry.Key, entry.Value, raw);
                }

                break;
            case StateKind.List:
                SharedList<TaskPayload> list = context.Client.List<TaskPayload>(state.Name);
                await foreach (TaskPayload item in list.ItemsAsync(context.CancellationToken))
                    await PrintAsync(context, state.Name, null, item, raw);
                break;
            default:
                throw new UsageException(
                    $"'{state.Name}' is a {Words.Name(state.Kind)}, in which is nothing to print; see `queuectl " +
                    "state show`");
        }
    }

    private static async Task<int> PrintEntryAsync(
        CommandContext context, SharedMap<TaskPayload> map, string key, bool raw)
    {
        if (await map.FindAsync(key, context.CancellationToken) is { } entry)
        {
            await PrintAsync(context, map.Name, key, entry.Value, raw);
            return ExitCode.Ok;
        }

        context.Report(new ErrorRecord
        {
            Reason = "KEY_NOT_FOUND",
            Message = $"The map '{map.Name}' has no key '{key}'.",
        });
        return ExitCode.NotFound;
    }

    private static async Task SetAsync(
        CommandContext context, string name, StateInfo? state, string? key, string text)
    {
        if (key is not null)
        {
            SharedMap<TaskPayload> map = context.Client.Map<TaskPayload>(name, keep: state?.Keep ?? true);
            await map.SetAsync(key, await ReadAsync(context, text), context.CancellationToken);
            return;
        }

        switch (state?.Kind)
        {
            case StateKind.Counter:
                await Counter(context, name, state).SetAsync(Number(text), context.CancellationToken);
                break;
            case StateKind.Event when text == "true":
                await context.Client.Event(name).SetAsync(context.CancellationToken);
                break;
            case StateKind.Event when text == "false":
                await context.Client.Event(name).ClearAsync(context.CancellationToken);
                break;
            case StateKind.Event:
                throw new UsageException($"'{name}' is an event: set it to true or false");
            default:
                SharedValue<TaskPayload> value = context.Client.Value<TaskPayload>(name, keep: state?.Keep ?? true);
                await value.SetAsync(await ReadAsync(context, text), context.CancellationToken);
                break;
        }
    }

    private static async Task AddAsync(CommandContext context, string name, StateInfo? state, string text)
    {
        if (state?.Kind == StateKind.List)
        {
            SharedList<TaskPayload> list = context.Client.List<TaskPayload>(name);
            await list.AddAsync(await ReadAsync(context, text), context.CancellationToken);
            return;
        }

        await PrintNumberAsync(
            context, name, await Counter(context, name, state).AddAsync(Number(text), context.CancellationToken));
    }

    private static SharedCounter Counter(CommandContext context, string name, StateInfo? state) =>
        context.Client.Counter(name, state?.Initial ?? 0, keep: state?.Keep ?? true);

    private static Task PrintAsync(CommandContext context, ContentRecord record) =>
        context.PrintJsonAsync(record, CliJson.Readable.ContentRecord);

    private static Task PrintNumberAsync(CommandContext context, string name, long number) => context.Json
        ? PrintAsync(context, new ContentRecord { Name = name, Value = number })
        : context.PrintLineAsync(Words.Number(number));

    private static Task PrintAsync(CommandContext context, string name, string? key, TaskPayload payload, bool raw) =>
        context.Json
            ? PrintAsync(context, new ContentRecord { Name = name, Key = key, Payload = PayloadRecord.From(payload) })
            : ResultText.PrintAsync(context, payload, raw, newLine: true);

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new UsageException($"'{text}' is not a whole number of 64 bits");

    private static async Task<TaskPayload> ReadAsync(CommandContext context, string text)
    {
        byte[] bytes = await PayloadInput.ReadAsync(
            text, context.Terminal, ValueBytesMax, context.CancellationToken);
        return new TaskPayload(bytes, PayloadInput.TypeOf(bytes) ?? "");
    }
}
