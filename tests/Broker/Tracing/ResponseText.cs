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
            case Response.MessagesGiven given:
                foreach (var message in given.Messages) lines.Add($"reply given {MessageVerbs.Show(message, names)}");
                if (given.Messages.Count == 0) lines.Add("reply none");
                break;
            case Response.MessagesShown shown:
                foreach (var message in shown.Messages) lines.Add($"reply shown {MessageVerbs.Show(message, names)}");
                if (shown.Messages.Count == 0) lines.Add("reply none");
                break;
            case Response.MessagesPut put:
                lines.Add($"reply put {string.Join(' ', put.Ids.ToArray().Select(names.Show))}");
                if (put.Refusal is { } refusal) lines.Add($"reply others {Rejection(refusal)}");
                break;
            case Response.MessagesSettled settled:
                lines.Add("reply settled");
                foreach (var (delivery, rejection) in settled.Refused)
                    lines.Add($"reply {names.Show(delivery)} {Rejection(rejection)}");
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
            case Response.StatePage page:
                Page(page.States, StateText.View, page.Next, lines);
                break;
            case Response.SegmentPage page:
                Page(page.Segments, ViewText.Segment, page.Next?.ToString() ?? "", lines);
                break;
            case Response.PipePage page:
                Page(page.Pipes, ViewText.Pipe, page.Next, lines);
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
        Response.QueueUsed used => $"{(used.IsCreated ? "made" : "found")} {ViewText.Queue(used.Queue)}",
        Response.QueueJoined joined => $"joined unfinished={joined.Unfinished}",
        Response.Retried retried => $"retried {names.Show(retried.Task)}",
        Response.OneQueue one => ViewText.Queue(one.Queue),
        Response.QueueDeleted { Left: 0 } => "done",
        Response.QueueDeleted deleted => $"left {deleted.Left}",
        Response.Purged purged => $"purged {purged.Count}",
        Response.Requeued requeued => $"requeued {string.Join(' ', requeued.Tasks.Select(names.Show))}",
        Response.OnePool one => ViewText.Pool(one.Pool),
        Response.OneWorker one => ViewText.Worker(one.Worker, names),
        Response.OneSegment one => ViewText.Segment(one.Segment),
        Response.Status status => ViewText.Status(status.Counts),
        Response.Welcomed welcomed => $"welcomed {welcomed.Worker} slots={welcomed.Slots}",
        Response.Ready ready => $"ready {(ready.Targets.Count == 0 ? "none" : string.Join(' ', ready.Targets))}",
        Response.PipeOpened opened =>
            $"opened {opened.End} {EffectText.Word(opened.Side)} {EffectText.Word(opened.Mode)} " +
            $"buffer={opened.BufferBytes}",
        Response.PipeSent sent => $"sent {sent.Count}",
        Response.PipeReceived received => Received(received),
        _ => StateText.Line(response) ?? throw new NotSupportedException(response.GetType().Name),
    };

    private static string Received(Response.PipeReceived received)
    {
        var messages = received.Messages.Select(ViewText.Bytes).ToList();
        if (received.IsEnd) messages.Add("END");
        return messages.Count == 0 ? "received nothing" : $"received {string.Join(' ', messages)}";
    }

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
