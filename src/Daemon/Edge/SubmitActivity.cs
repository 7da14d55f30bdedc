using System.Diagnostics;
using Queued.Broker;
using Queued.Daemon.Telemetry;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>
/// The span of a submit. A task without a trace context continues it, so that its attempts are found from here.
/// </summary>
internal static class SubmitActivity
{
    /// <summary>Null where nobody listens, which costs nothing.</summary>
    /// <param name="tasks">How many are submitted.</param>
    /// <param name="only">The task, where it is only one: its trace context is the span's parent.</param>
    public static Activity? Start(int tasks, Wire.TaskSpec? only)
    {
        if (!Instruments.Activities.HasListeners()) return null;

        _ = ActivityContext.TryParse(only?.Traceparent, only?.Tracestate, isRemote: true, out var parent);
        var activity = Instruments.Activities.StartActivity("submit", ActivityKind.Producer, parent);
        activity?.SetTag("messaging.system", "queued");
        activity?.SetTag("messaging.operation.type", "send");
        activity?.SetTag("messaging.operation.name", "submit");
        activity?.SetTag("messaging.batch.message_count", tasks);
        return activity;
    }

    public static TaskSubmission Continue(TaskSubmission task, Activity? activity) =>
        activity?.Id is { } id && task.Traceparent.Length == 0
            ? task with { Traceparent = id, Tracestate = activity.TraceStateString ?? "" }
            : task;
}
