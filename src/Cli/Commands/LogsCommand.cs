using System.CommandLine;
using System.Text;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class LogsCommand
{
    public static Command Create(CommandHost host)
    {
        Argument<TaskId> id = OptionKinds.TaskId("Number of the task.");
        Option<bool> follow = OptionKinds.Flag("--follow", "Go on until the task ends.", "-f");
        Option<int?> attempt = OptionKinds.Number(
            "--attempt", "Only this attempt. Default: all that are kept.", 1, int.MaxValue);
        Option<bool> raw = SharedOptions.Raw();
        var command = new Command(
            "logs", "Print what a task's attempts wrote to stdout, stderr and their log.") { id, follow, attempt, raw };
        host.SetAction(command, async context =>
        {
            IAsyncEnumerable<TaskLogEntry> entries = context.Client.ReadTaskLogsAsync(
                context.Get(id), context.Get(follow), context.Get(attempt), context.CancellationToken);
            if (context.Json)
                await PrintJsonAsync(context, entries, context.Get(raw));
            else
                await PrintAsync(context, entries, context.Get(raw));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task PrintAsync(CommandContext context, IAsyncEnumerable<TaskLogEntry> entries, bool raw)
    {
        var safe = new Dictionary<(int Attempt, LogSource Source), SafeStream>();
        await foreach (TaskLogEntry entry in entries)
        {
            if (entry.DroppedBytes > 0)
                SayDropped(context, entry);
            if (raw || !context.Terminal.IsOutputTerminal)
            {
                await context.PrintAsync(entry.Data);
                continue;
            }

            if (!safe.TryGetValue((entry.Attempt, entry.Source), out SafeStream? stream))
                safe.Add((entry.Attempt, entry.Source), stream = new SafeStream(context.Terminal.Output));
            await stream.WriteAsync(entry.Data, context.CancellationToken);
        }

        foreach (SafeStream stream in safe.Values)
            await stream.FinishAsync(context.CancellationToken);
    }

    private static void SayDropped(CommandContext context, TaskLogEntry entry)
    {
        string size = Words.Size(entry.DroppedBytes);
        context.Say($"({size} of {Words.Name(entry.Source)} are missing here: the attempt wrote more than is kept.)");
    }

    private static async Task PrintJsonAsync(CommandContext context, IAsyncEnumerable<TaskLogEntry> entries, bool raw)
    {
        var decoders = new Dictionary<(int Attempt, LogSource Source), Decoder>();
        await foreach (TaskLogEntry entry in entries)
        {
            if (!decoders.TryGetValue((entry.Attempt, entry.Source), out Decoder? decoder))
                decoders.Add((entry.Attempt, entry.Source), decoder = Encoding.UTF8.GetDecoder());
            var record = new LogRecord
            {
                Attempt = entry.Attempt,
                Source = Words.Name(entry.Source),
                Time = entry.Time,
                Text = raw ? null : Decode(decoder, entry.Data.Span),
                Base64 = raw ? Convert.ToBase64String(entry.Data.Span) : null,
                DroppedBytes = entry.DroppedBytes > 0 ? entry.DroppedBytes : null,
            };
            await context.PrintJsonAsync(record, CliJson.Readable.LogRecord);
        }
    }

    /// <summary>A character that is cut between two pieces belongs to the later one.</summary>
    private static string Decode(Decoder decoder, ReadOnlySpan<byte> bytes)
    {
        var characters = new char[decoder.GetCharCount(bytes, flush: false)];
        int count = decoder.GetChars(bytes, characters, flush: false);
        return new string(characters, 0, count);
    }
}
