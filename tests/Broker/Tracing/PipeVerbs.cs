using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>open-pipe, send, receive, poll, return, close, pipes, wait-any.</summary>
internal static class PipeVerbs
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static Command? Parse(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "open-pipe":
                return new Command.OpenPipe(
                    runner.NextRequest(), TaskVerbs.Session(line), line.Word(0),
                    line.Flag("first") ? PipeSide.First : line.Flag("second") ? PipeSide.Second : null,
                    line.Flag("one-way") ? PipeMode.OneWay : PipeMode.Duplex, line.Number("buffer"));
            case "send":
                return new Command.SendToPipe(
                    runner.NextRequest(), TaskVerbs.Session(line), End(line),
                    [.. line.Words.Skip(1).Select(TaskVerbs.Payload)], Wait(line));
            case "receive":
                return new Command.ReceiveFromPipe(
                    runner.NextRequest(), TaskVerbs.Session(line), End(line), line.Number("max"), Wait(line));
            case "return":
                return new Command.ReturnToPipe(
                    TaskVerbs.Session(line), End(line), [.. line.Words.Skip(1).Select(TaskVerbs.Payload)]);
            case "poll":
                return new Command.PollPipe(runner.NextRequest(), TaskVerbs.Session(line), End(line), Wait(line));
            case "close":
                return new Command.ClosePipe(
                    runner.NextRequest(), TaskVerbs.Session(line), End(line), line.Flag("sending"));
            case "pipes":
                return new Command.ListPipes(
                    runner.NextRequest(), line.Number("page"), line.Option("after", ""));
            case "wait-any":
                var request = runner.NextRequest();
                if (line.Option("as") is { } name) runner.Names.Bind(name, request);
                return new Command.WaitAny(
                    request, TaskVerbs.Session(line),
                    [.. line.Words.Select(word => Target(word, runner))], Wait(line));
            default:
                return null;
        }
    }

    private static TimeSpan Wait(TraceLine line) => line.Span("wait") ?? Hour;

    private static PipeEndId End(TraceLine line) => new((ulong)Number(line.Word(0)));

    private static WaitTarget Target(string word, TraceRunner runner) => word.Split(':') switch
    {
        ["pipe", var end] => new WaitTarget.PipeEnd(new PipeEndId((ulong)Number(end))),
        ["task", var task] => new WaitTarget.Task(runner.Names.Task(task)),
        ["queue", var queue] => new WaitTarget.Queue(queue),
        ["event", var name] => new WaitTarget.Event(name),
        _ => throw new FormatException($"Nothing can be waited for as '{word}'."),
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
