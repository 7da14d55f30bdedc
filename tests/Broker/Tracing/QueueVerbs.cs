using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>declare, queue, queues, pause, resume, drain, purge, delete-queue, dead, requeue.</summary>
internal static class QueueVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "declare":
                var settings = Settings(line);
                return new Command.DeclareQueue(runner.NextRequest(), line.Word(0), settings);
            case "queue":
                return new Command.GetQueue(runner.NextRequest(), line.Word(0));
            case "queues":
                return new Command.ListQueues(runner.NextRequest(), line.Number("page"), line.Option("after", ""));
            case "pause":
                return new Command.PauseQueue(runner.NextRequest(), line.Word(0));
            case "resume":
                return new Command.ResumeQueue(runner.NextRequest(), line.Word(0));
            case "drain":
                return new Command.DrainQueue(runner.NextRequest(), line.Word(0));
            case "purge":
                return new Command.PurgeQueue(runner.NextRequest(), line.Word(0));
            case "delete-queue":
                return new Command.DeleteQueue(runner.NextRequest(), line.Word(0));
            case "dead":
                return new Command.ListDead(
                    runner.NextRequest(), line.Word(0), line.Number("page"),
                    line.Option("after") is { } after ? ulong.Parse(after, CultureInfo.InvariantCulture) : null);
            case "requeue":
                _ = line.Option("as");
                return new Command.RequeueDead(
                    runner.NextRequest(), line.Word(0), line.Words.Skip(1).Select(runner.Names.Task).ToArray());
            default:
                return null;
        }
    }

    public static QueueSettings Settings(TraceLine line) => new()
    {
        Durability = line.Flag("fsync") ? Durability.Fsync
            : line.Flag("async") ? Durability.Async
            : Durability.Memory,
        Kind = line.Flag("messages") ? QueueKind.Messages : line.Flag("tasks") ? QueueKind.Tasks : null,
        Order = line.Flag("lifo") ? QueueOrder.Lifo : null,
        TasksMax = line.Number("tasks_max"),
        BytesMax = line.Number("bytes_max"),
        Retry = TaskVerbs.Retry(line),
        Timeout = line.Span("timeout"),
        Grace = line.Span("grace"),
        ResultTtl = line.Span("ttl"),
        RunningMax = line.Number("running_max"),
        DeadMax = line.Number("dead_max"),
    };
}
