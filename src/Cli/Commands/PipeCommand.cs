using System.CommandLine;
using Queued.Cli.Input;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class PipeCommand
{
    public static Command Create(CommandHost host) => new("pipe", "List pipes, and talk over them.")
    {
        List(host),
        Send(host),
        Receive(host),
    };

    private static Command List(CommandHost host)
    {
        var command = new Command("list", "List all pipes.");
        host.SetAction(command, async context =>
        {
            var table = new TableView("NAME", "MODE", "BUFFER", "FIRST", "WAITING", "SECOND", "WAITING");
            await foreach (PipeInfo pipe in context.Client.ListPipesAsync(context.CancellationToken))
            {
                if (context.Json)
                    await context.PrintJsonAsync(PipeRecord.From(pipe), CliJson.Readable.PipeRecord);
                else
                    AddRow(table, pipe);
            }

            if (!context.Json)
                await context.PrintAsync(table.Render(context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Send(CommandHost host)
    {
        var end = new PipeFlags();
        var command = new Command(
            "send", "Send each line of standard input as a message, then close the end.");
        end.AddTo(command);
        host.SetAction(command, async context =>
        {
            await using PipeEnd<TaskPayload> pipe = await end.OpenAsync(context);
            var lines = new JsonLines(context.Terminal.Input, await context.GetPayloadBytesMaxAsync());
            await foreach ((long number, byte[]? line) in lines.ReadAsync(context.CancellationToken))
            {
                if (line is null)
                    throw new UsageException($"line {number} is longer than {Words.Size(lines.BytesMax)}");
                await pipe.SendAsync(
                    new TaskPayload(line, PayloadInput.TypeOf(line) ?? ""), context.CancellationToken);
            }

            await pipe.CloseAsync(context.CancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Receive(CommandHost host)
    {
        var end = new PipeFlags();
        Option<int?> count = OptionKinds.Number(
            "--count", "Stop after so many. Default: at the end of the pipe.", 1, int.MaxValue);
        Option<TimeSpan?> timeout = OptionKinds.Duration(
            "--timeout", "Stop where none comes for this long, with exit code 124.", most: TimeSpan.FromDays(49));
        Option<bool> raw = SharedOptions.Raw();
        var command = new Command("recv", "Print messages as they come, a line for each, until the end of the pipe.")
        {
            count, timeout, raw,
        };
        end.AddTo(command);
        host.SetAction(command, async context =>
        {
            await using PipeEnd<TaskPayload> pipe = await end.OpenAsync(context);
            for (int left = context.Get(count) ?? int.MaxValue; left > 0; left--)
            {
                TimeSpan patience = context.Get(timeout) ?? Timeout.InfiniteTimeSpan;
                if (!await pipe.PollAsync(patience, context.CancellationToken))
                {
                    context.Say($"No message came to {pipe.Name} in time.");
                    return ExitCode.TimedOut;
                }

                if (!pipe.TryReceive(out TaskPayload message))
                    break;
                await PrintAsync(context, message, context.Get(raw));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Task PrintAsync(CommandContext context, TaskPayload message, bool raw) => context.Json
        ? context.PrintJsonAsync(PayloadRecord.From(message), CliJson.Readable.PayloadRecord)
        : ResultText.PrintAsync(context, message, raw, newLine: true);

    private static void AddRow(TableView table, PipeInfo pipe) => table.Add(
        pipe.Name,
        Words.Name(pipe.Mode),
        Words.Size(pipe.BufferBytes),
        Holder(pipe.First),
        Words.Number(pipe.First.WaitingMessages),
        Holder(pipe.Second),
        Words.Number(pipe.Second.WaitingMessages));

    private static string Holder(PipeEndInfo end) =>
        end.Holder.Length == 0 ? "(free)" : end.IsClosed ? $"{end.Holder} (closed)" : end.Holder;
}
