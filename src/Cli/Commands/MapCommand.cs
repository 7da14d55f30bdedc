using System.CommandLine;
using System.Text.Json;
using Queued.Cli.Input;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class MapCommand
{
    private const int WindowDefault = 1024;

    public static Command Create(CommandHost host)
    {
        Argument<string> handler = OptionKinds.Name("HANDLER", "Name of the handler.");
        Argument<string?> input = new("INPUT")
        {
            Description = "Where the JSON lines are: - for standard input (the default), @FILE for a file.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> unordered = OptionKinds.Flag(
            "--unordered", "Print results as they come. Default: in the order of their inputs.");
        Option<int?> window = OptionKinds.Number(
            "--window", "How many inputs may be under way. Default: 1024.", 1, 1_000_000);
        Option<int?> chunk = OptionKinds.Number(
            "--chunk", "How many inputs share a task. Default: found by measuring.", 1, 10_000);
        Option<bool> keepGoing = OptionKinds.Flag(
            "--keep-going", "Do not stop at the first input that fails; the exit code is 1 all the same.", "-k");
        var flags = new SubmitFlags();
        var command = new Command("map", "Run a handler over every line of JSON; one line of JSON out for each.")
        {
            handler, input, unordered, window, chunk, keepGoing,
        };
        flags.AddTo(command, oneTask: false);
        host.SetAction(command, async context =>
        {
            string source = context.GetOptional(input) ?? "-";
            if (source is not ("-" or ['@', ..]))
                throw new UsageException($"INPUT is '{source}'; it must be - or @FILE.");
            await using Stream stream = source == "-" ? context.Terminal.Input : PayloadInput.OpenFile(source[1..]);
            var options = new MapOptions
            {
                Ordered = !context.Get(unordered),
                Window = context.Get(window) ?? WindowDefault,
                ChunkSize = context.Get(chunk),
                Submit = flags.Read(context),
            };
            using var output = new MapOutput(context, options.Window, context.Get(keepGoing), options.Ordered);
            return await ProgressView.ShowAsync(
                context.Terminal,
                context.ShowsProgress,
                "map",
                view => RunAsync(context, context.Get(handler), stream, options, output, view),
                isBesideData: true);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, string handler, Stream stream, MapOptions options, MapOutput output, ProgressView view)
    {
        context.Progress = view;
        var lines = new JsonLines(stream, await context.GetPayloadBytesMaxAsync());
        IAsyncEnumerable<JsonElement> inputs = output.ReadInputs(lines, context.CancellationToken);
        await foreach (var result in context.Client.MapResultsAsync<JsonElement, JsonElement>(
            handler, inputs, options, context.CancellationToken))
        {
            if (!await output.WriteAsync(result))
                break;
            if (stream.CanSeek)
                view.Report(stream.Position, stream.Length, output.Summary);
            else
                view.Report(0, 0, output.Summary);
        }

        return await output.FinishAsync();
    }
}
