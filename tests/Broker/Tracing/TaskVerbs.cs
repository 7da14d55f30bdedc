using System.Globalization;
using System.Text;

namespace Queued.Broker.Tests.Tracing;

/// <summary>submit, watch, unwatch, end-session, get, list, cancel, retry.</summary>
internal static class TaskVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "submit":
                var template = Submission(line, runner);
                return new Command.SubmitTasks(
                    runner.NextRequest(), Session(line), line.Words.Select(_ => template).ToArray());
            case "watch":
                var every = line.Flag("every");
                return new Command.WatchTasks(runner.NextRequest(), Session(line), Tasks(line, runner), every);
            case "unwatch":
                return new Command.UnwatchTasks(Session(line), Tasks(line, runner));
            case "end-session":
                return new Command.EndSession(new SessionId(Id(line.Word(0))));
            case "get":
                var payload = line.Flag("payload");
                return new Command.GetTask(runner.NextRequest(), runner.Names.Task(line.Word(0)), payload);
            case "list":
                return new Command.ListTasks(
                    runner.NextRequest(), Query(line), line.Number("page"),
                    line.Option("before") is { } before ? runner.Names.Task(before) : null);
            case "cancel":
                return new Command.CancelTask(
                    runner.NextRequest(
                        ), runner.Names.Task(line.Word(0)), line.Option("reason", ""), line.Span("grace"));
            case "retry":
                _ = line.Option("as");
                return new Command.RetryTask(runner.NextRequest(), runner.Names.Task(line.Word(0)));
            default:
                return null;
        }
    }

    public static RetrySettings? Retry(TraceLine line)
    {
        var settings = new RetrySettings
        {
            MaxAttempts = line.Number("max_attempts"),
            MaxDeliveries = line.Number("max_deliveries"),
            InitialBackoff = line.Span("backoff"),
            Multiplier = line.Fraction("multiplier") ?? 0,
            MaxBackoff = line.Span("max_backoff"),
            Jitter = line.Fraction("jitter"),
            NonRetryableErrorTypes = line.Names("non_retryable"),
        };
        return settings == new RetrySettings { NonRetryableErrorTypes = settings.NonRetryableErrorTypes }
            && settings.NonRetryableErrorTypes.Count == 0
            ? null
            : settings;
    }

    /// <summary>The text itself; <c>@2:10</c>: 10 bytes at the beginning of segment 2.</summary>
    public static TaskPayload Payload(string? text) => text switch
    {
        null => TaskPayload.Empty,
        ['@', .. var range] => InSegment(range.Split(':')),
        _ => new TaskPayload(Encoding.UTF8.GetBytes(text), "text/plain"),
    };

    private static TaskPayload InSegment(string[] range) => TaskPayload.InSegment(
        new SegmentRange(
            new SegmentId(ulong.Parse(range[0], CultureInfo.InvariantCulture)), 0,
            int.Parse(range[1], CultureInfo.InvariantCulture), Fingerprint: 1),
        "text/plain");

    private static TaskSubmission Submission(TraceLine line, TraceRunner runner) => new()
    {
        Tag = (ulong)line.Number("tag"),
        WantsOutcome = line.Option("session") is not null && line.Option("outcome") != "no",
        Handler = line.Option("handler", "h"),
        Queue = line.Option("queue", ""),
        Payload = Payload(line.Option("payload")),
        Priority = line.Number("priority"),
        Delay = line.Span("delay"),
        RunAt = line.Span("run_at") is { } ahead ? runner.Wall + ahead : null,
        Retry = Retry(line),
        Timeout = line.Span("timeout"),
        SoftTimeout = line.Span("soft_timeout"),
        Grace = line.Span("grace"),
        QueueTimeout = line.Span("queue_timeout"),
        IdempotencyKey = line.Option("key"),
        IdempotencyTtl = line.Span("key_ttl"),
        ConcurrencyKey = line.Option("together"),
        ConcurrencyLimit = line.Number("together_max"),
        ResultTtl = line.Span("ttl"),
        Labels = line.WithPrefix("label."),
    };

    private static TaskQuery Query(TraceLine line) => new()
    {
        Queue = line.Option("queue", ""),
        Handler = line.Option("handler", ""),
        States = line.Names("states").Select(name =>
            Enum.Parse<TaskState>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true)).ToArray(),
        Labels = line.WithPrefix("label."),
    };

    public static SessionId Session(TraceLine line) =>
        line.Option("session") is { } name ? new SessionId(Id(name)) : default;

    private static long Id(string name) => long.Parse(name.TrimStart('s'), CultureInfo.InvariantCulture);

    private static TaskId[] Tasks(TraceLine line, TraceRunner runner) => line.Words.Select(runner.Names.Task).ToArray();
}
