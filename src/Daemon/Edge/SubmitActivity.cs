using System.Diagnostics;
using Queued.Broker;

namespace Queued.Daemon.Edge;

/// <summary>
/// The span of a submit. A task without a trace context continues it, so that its attempts are found from here.
/// </summary>
internal static class SubmitActivity
{
    private static readonly ActivitySource Source = new("Queued");

    /// <summary>Null where nobody listens, which costs nothing.</summary>
    public static Activity? Start(int tasks)
    {
        var activity = Source.StartActivity("submit", ActivityKind.Producer);
        activity?.SetTag("queued.task_count", tasks);
        return activity;
    }

    public static TaskSubmission Continue(TaskSubmission task, Activity? activity) =>
        activity?.Id is { } id && task.Traceparent.Length == 0
            ? task with { Traceparent = id, Tracestate = activity.TraceStateString ?? "" }
            : task;
}
