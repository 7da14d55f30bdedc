using System.CommandLine;
using Queued.Cli.Input;
using Queued.Cli.Output;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>The verbs of <c>queue</c> that are for queues of messages.</summary>
internal static class MessageCommands
{
    public static Command Put(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name(
            "NAME", "Name of the queue; one in memory is made where there is none.");
        Argument<string[]> messages = new("MESSAGE")
        {
            Description = "The messages: a word each, - for standard input, @FILE for a file's content. " +
                "Default: every line of standard input.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> contentType = OptionKinds.Text(
            "--content-type",
            "Media type of the messages. Default: JSON if it is JSON, else text, else bytes.",
            "TYPE");
        Option<int?> priority = OptionKinds.Number(
            "--priority", "Higher comes first. Default: 0.", sbyte.MinValue, sbyte.MaxValue);
        Option<TimeSpan?> delay = OptionKinds.Duration("--delay", "Not before so much time has passed.");
        Option<TimeSpan?> timeout = OptionKinds.Duration(
            "--timeout", "How long to wait for room, then exit code 75; 0 is not at all. Default: without an end.");
        Option<Dictionary<string, string>> labels = OptionKinds.Pairs(
            "--label", "A label of the messages; may be given many times.");
        var command = new Command("put", "Put messages into a queue of messages, in their order.")
        {
            name, messages, contentType, priority, delay, timeout, labels,
        };
        host.SetAction(command, async context =>
        {
            var options = new PutOptions
            {
                Priority = context.Get(priority) ?? 0,
                Delay = context.Get(delay),
                Timeout = context.Get(timeout),
                Labels = context.Get(labels),
            };
            MessageQueue<TaskPayload> queue = context.Client.Queue<TaskPayload>(context.Get(name));
            long bytesMax = await context.GetPayloadBytesMaxAsync();
            long count = 0;
            await foreach (byte[] bytes in ReadAsync(context, context.Get(messages), bytesMax))
            {
                string type = context.Get(contentType) ?? PayloadInput.TypeOf(bytes) ?? "";
                await queue.PutAsync(new TaskPayload(bytes, type), options, context.CancellationToken);
                count++;
            }

            if (context.Json)
                await context.PrintJsonAsync(new PutRecord(context.Get(name), count), CliJson.Readable.PutRecord);
            else
                context.Say($"{count} messages are in {context.Get(name)}.");
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Get(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name(
            "NAME", "Name of the queue; one in memory is made where there is none.");
        Option<int?> count = OptionKinds.Number("--count", "How many. Default: 1.", 1, int.MaxValue);
        Option<bool> follow = OptionKinds.Flag("--follow", "Without an end, until the queue is drained.", "-f");
        Option<TimeSpan?> timeout = OptionKinds.Duration(
            "--timeout",
            "How long to wait for each, then exit code 124; 0 is not at all. Default: without an end.");
        Option<bool> raw = SharedOptions.Raw();
        var command = new Command(
            "get", "Take messages off a queue and print them, a line each. One that could not be printed goes back.")
        {
            name, count, follow, timeout, raw,
        };
        host.SetAction(command, async context =>
        {
            MessageQueue<TaskPayload> queue = context.Client.Queue<TaskPayload>(context.Get(name));
            long most = context.Get(follow) ? long.MaxValue : context.Get(count) ?? 1;
            for (long taken = 0; taken < most; taken++)
            {
                await using Message<TaskPayload>? message = await ReceiveAsync(context, queue, context.Get(timeout));
                if (message is null)
                {
                    context.Say($"There was no message in {context.Get(name)} in time.");
                    return ExitCode.TimedOut;
                }

                if (context.Json)
                    await context.PrintJsonAsync(MessageRecord.From(message), CliJson.Readable.MessageRecord);
                else
                    await ResultText.PrintAsync(context, message.Payload, context.Get(raw), newLine: true);
                await message.AckAsync(context.CancellationToken);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Peek(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the queue.");
        Option<int?> count = OptionKinds.Number("--count", "How many at most. Default: 1.", 1, 1000);
        Option<Dictionary<string, string>> labels = OptionKinds.Pairs(
            "--label", "Only those with this label; may be given many times.");
        Option<bool> raw = SharedOptions.Raw();
        var command = new Command("peek", "Print the next messages of a queue, a line each, and leave them there.")
        {
            name, count, labels, raw,
        };
        host.SetAction(command, async context =>
        {
            MessageQueue<TaskPayload> queue = context.Client.Queue<TaskPayload>(context.Get(name));
            foreach (MessageInfo<TaskPayload> message in await queue.PeekAsync(
                context.Get(count) ?? 1, context.Get(labels), context.CancellationToken))
            {
                if (context.Json)
                    await context.PrintJsonAsync(MessageRecord.From(message), CliJson.Readable.MessageRecord);
                else
                    await ResultText.PrintAsync(context, message.Payload, context.Get(raw), newLine: true);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    public static Command Join(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the queue.");
        Option<TimeSpan?> timeout = OptionKinds.Duration(
            "--timeout", "How long to wait, then exit code 124. Default: without an end.");
        var command = new Command(
            "join", "Wait until every message of a queue is done with: what is held or delayed is not.")
        {
            name, timeout,
        };
        host.SetAction(command, async context =>
        {
            MessageQueue<TaskPayload> queue = context.Client.Queue<TaskPayload>(context.Get(name));
            if (context.Get(timeout) is not { } time)
            {
                await queue.JoinAsync(context.CancellationToken);
                return ExitCode.Ok;
            }

            return await queue.JoinAsync(time, context.CancellationToken) ? ExitCode.Ok : ExitCode.TimedOut;
        });
        return command;
    }

    private static async Task<Message<TaskPayload>?> ReceiveAsync(
        CommandContext context, MessageQueue<TaskPayload> queue, TimeSpan? timeout) => timeout is { } time
        ? await queue.TryReceiveAsync(time, cancellationToken: context.CancellationToken)
        : await queue.ReceiveAsync(cancellationToken: context.CancellationToken);

    private static async IAsyncEnumerable<byte[]> ReadAsync(CommandContext context, string[] words, long bytesMax)
    {
        if (words.Length > 0)
        {
            foreach (string word in words)
                yield return await PayloadInput.ReadAsync(word, context.Terminal, bytesMax, context.CancellationToken);
            yield break;
        }

        var lines = new JsonLines(context.Terminal.Input, bytesMax);
        await foreach (var (number, line) in lines.ReadAsync(context.CancellationToken))
        {
            yield return line ?? throw new UsageException(
                FormattableString.Invariant($"line {number} is larger than the daemon takes ({bytesMax} bytes)"));
        }
    }
}
