using System.Text;

namespace Queued.Broker.Tests.Simulation;

/// <summary>Commands and effects in words, for the last events of a world that failed.</summary>
internal static class EventText
{
    private static readonly Tracing.TraceNames NoNames = new();

    public static string Show(object what)
    {
        switch (what)
        {
            case Effect effect:
                var lines = new List<string>();
                Tracing.EffectText.Append(effect, NoNames, lines);
                return string.Join(" / ", lines);
            case Command.SubmitTasks submit:
                return $"submit {submit.Session} {string.Join(" + ", submit.Tasks.Select(Show))}";
            case Command.WorkerReport report:
                return Show(report);
            case Command.WatchTasks watch:
                return $"watch {watch.Session} {string.Join(' ', watch.Tasks)}";
            case Command.ConnectWorker connect:
                return $"connect {connect.Worker} queues={string.Join(',', connect.Hello.Queues)} " +
                    $"handlers={string.Join(',', connect.Hello.Handlers)} slots={connect.Hello.Slots}";
            default:
                return what.ToString()!;
        }
    }

    private static string Show(TaskSubmission task)
    {
        var text = new StringBuilder($"{task.Handler}@{task.Queue}");
        Add(text, "priority", task.Priority == 0 ? null : task.Priority);
        Add(text, "delay", task.Delay);
        Add(text, "run_at", task.RunAt);
        Add(text, "timeout", task.Timeout);
        Add(text, "soft", task.SoftTimeout);
        Add(text, "grace", task.Grace);
        Add(text, "queue_timeout", task.QueueTimeout);
        Add(text, "key", task.IdempotencyKey);
        Add(text, "together", task.ConcurrencyKey);
        Add(text, "limit", task.ConcurrencyLimit == 0 ? null : task.ConcurrencyLimit);
        Add(text, "ttl", task.ResultTtl);
        Add(text, "max_attempts", task.Retry?.MaxAttempts);
        Add(text, "max_deliveries", task.Retry?.MaxDeliveries);
        return text.ToString();
    }

    private static string Show(Command.WorkerReport report)
    {
        var text = new StringBuilder($"report {report.Worker}");
        Add(text, "credits", report.Credits == 0 ? null : report.Credits);
        foreach (var settlement in report.Settlements)
            text.Append($" {settlement.Attempt}={settlement.GetType().Name}");
        foreach (var (attempt, timeout) in report.Extensions) text.Append($" extend {attempt} by {timeout}");
        foreach (var (attempt, waiting) in report.Waits) text.Append($" {attempt} {(waiting ? "waits" : "goes on")}");
        foreach (var (attempt, _) in report.Progress) text.Append($" progress {attempt}");
        return text.ToString();
    }

    private static void Add(StringBuilder text, string name, object? value)
    {
        if (value is not null) text.Append($" {name}={value}");
    }
}
