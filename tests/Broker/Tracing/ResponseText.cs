using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>The answer to a command; lists take one line for each thing.</summary>
internal static class ResponseText
{
    public static void Append(Response response, TraceNames names, List<string> lines)
    {
        switch (response)
        {
            case Response.Submitted submitted:
                foreach (var result in submitted.Results) lines.Add($"reply {Result(result, names)}");
                break;
            case Response.Watched watched:
                lines.Add("reply watched");
                foreach (var (task, rejection) in watched.Refused)
                    lines.Add($"reply {names.Show(task)} {Rejection(rejection)}");
                break;
            case Response.DeadPage page:
                Page(
                    page.Tasks,
                    task => ViewText.Task(task, names),
                    page.Next?.ToString(CultureInfo.InvariantCulture) ?? "",
                    lines);
                break;
            case Response.TaskPage page:
                Page(
                    page.Tasks,
                    task => ViewText.Task(task, names),
                    page.Next is { } next ? names.Show(next) : "",
                    lines);
                break;
            case Response.QueuePage page:
                Page(page.Queues, ViewText.Queue, page.Next, lines);
                break;
            case Response.PoolPage page:
                Page(page.Pools, ViewText.Pool, page.Next, lines);
                break;
            case Response.WorkerPage page:
                Page(page.Workers, worker => ViewText.Worker(worker, names), page.Next?.ToString() ?? "", lines);
                break;
            default:
                lines.Add($"reply {Line(response, names)}");
                break;
        }
    }

    private static string Line(Response response, TraceNames names) => response switch
    {
        Response.Rejected rejected => Rejection(rejected.Rejection),
        Response.Done => "done",
        Response.OneTask one => ViewText.Task(one.Task, names),
        Response.Retried retried => $"retried {names.Show(retried.Task)}",
        Response.OneQueue one => ViewText.Queue(one.Queue),
        Response.Purged purged => $"purged {purged.Count}",
        Response.Requeued requeued => $"requeued {string.Join(' ', requeued.Tasks.Select(names.Show))}",
        Response.OnePool one => ViewText.Pool(one.Pool),
        Response.OneWorker one => ViewText.Worker(one.Worker, names),
        Response.Status status => ViewText.Status(status.Counts),
        Response.Welcomed welcomed => $"welcomed {welcomed.Worker} slots={welcomed.Slots}",
        _ => throw new NotSupportedException(response.GetType().Name),
    };

    private static string Result(SubmitResult result, TraceNames names) =>
        result.Rejection is { } rejection ? Rejection(rejection)
        : result.Deduplicated ? $"deduplicated {names.Show(result.Id)}"
        : $"submitted {names.Show(result.Id)}";

    private static string Rejection(Rejection rejection)
    {
        var text = $"rejected {EffectText.Word(rejection.Reason)}";
        if (rejection.Field is { } field) text += $" field={field}";
        if (rejection.Resource is { } resource) text += $" resource={resource}";
        return text;
    }

    private static void Page<T>(IReadOnlyList<T> items, Func<T, string> show, string next, List<string> lines)
    {
        foreach (var item in items) lines.Add($"reply {show(item)}");
        lines.Add(next.Length == 0 ? "reply last-page" : $"reply next-page {next}");
    }
}
