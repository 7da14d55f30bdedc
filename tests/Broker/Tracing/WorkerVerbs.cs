using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>
/// connect, credits, heartbeat, maps, settle, progress, extend, waiting, going, disconnect, spawned, spawn-failed,
/// exited, sampled.
/// </summary>
internal static class WorkerVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "connect":
                return Connect(line, runner);
            case "credits":
                return Report(line) with { Credits = int.Parse(line.Word(1), CultureInfo.InvariantCulture) };
            case "heartbeat":
                return Report(line);
            case "maps":
                return Report(line) with { MapsSegments = true };
            case "settle":
                return Report(line) with
                {
                    Settlements = [Settlement(line, runner)],
                    Credits = line.Number("credits", 1),
                };
            case "progress":
                return Report(line) with
                {
                    Progress = [(runner.Names.Attempt(line.Word(1)), new TaskProgress(
                        line.Number("completed"), line.Number("total"), line.Option("message", "")))],
                };
            case "extend":
                return Report(line) with
                {
                    Extensions = [(runner.Names.Attempt(line.Word(1)), TraceTime.Parse(line.Word(2)))],
                };
            case "waiting" or "going":
                return Report(line) with { Waits = [(runner.Names.Attempt(line.Word(1)), line.Verb == "waiting")] };
            case "disconnect":
                return new Command.WorkerDisconnected(Worker(line.Word(0)));
            case "spawned":
                return new Command.WorkerSpawned(Worker(line.Word(0)), line.Number("pid", 100));
            case "spawn-failed":
                return new Command.WorkerSpawnFailed(Worker(line.Word(0)), line.Option("message", "no such file"));
            case "exited":
                return Exited(line);
            case "sampled":
                return new Command.WorkerSampled(
                    Worker(line.Word(0)), long.Parse(line.Word(1), CultureInfo.InvariantCulture));
            default:
                return null;
        }
    }

    public static WorkerId Worker(string text) =>
        WorkerId.TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a worker such as w1.");

    private static Command.WorkerReport Report(TraceLine line) => new(Worker(line.Word(0)));

    private static Command.ConnectWorker Connect(TraceLine line, TraceRunner runner) => new(
        runner.NextRequest(),
        line.Word(0) == "external" ? null : Worker(line.Word(0)),
        new WorkerHello
        {
            Queues = line.Names("queues"),
            Handlers = line.Names("handlers"),
            Slots = line.Number("slots"),
            ProcessId = line.Number("pid", 100),
        });

    private static Settlement Settlement(TraceLine line, TraceRunner runner)
    {
        var attempt = runner.Names.Attempt(line.Word(1));
        var failure = new TaskFailure(FailureKind.Error, line.Option("message", "it failed"))
        {
            ErrorType = line.Option("type", ""),
            NonRetryable = line.Flag("non_retryable"),
        };
        return line.Word(2) switch
        {
            "ok" => new Settlement.Succeeded(attempt, TaskVerbs.Payload(line.Option("result"))),
            "error" => new Settlement.Failed(attempt, failure),
            "rejected" => new Settlement.Failed(attempt, failure with { Kind = FailureKind.Rejected }),
            "cancelled" => new Settlement.Failed(attempt, failure with { Kind = FailureKind.Cancelled }),
            "released" => new Settlement.Released(attempt),
            "snoozed" => new Settlement.Snoozed(attempt, TraceTime.Parse(line.Word(3))),
            var other => throw new FormatException($"Nothing settles as '{other}'."),
        };
    }

    private static Command.WorkerExited Exited(TraceLine line)
    {
        int? signal = line.Option("signal") is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : null;
        var exit = new ProcessExit(
            signal is null ? line.Number("code") : null, signal, line.Flag("oom"), PeakResidentBytes: 0, TimeSpan.Zero,
            line.Option("tail", ""));
        var result = line.Option("result") is { } text ? TaskVerbs.Payload(text) : (TaskPayload?)null;
        return new Command.WorkerExited(Worker(line.Word(0)), exit, result);
    }
}
