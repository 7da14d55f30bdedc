using System.Diagnostics;
using Queued.Protocol.V1;

namespace Queued.Client.Wire;

/// <summary>Carries the caller's W3C trace context in the task, so that the attempt continues it.</summary>
internal static class TraceContext
{
    public static void Write(TaskSpec spec)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity)
            return;
        spec.Traceparent = id;
        spec.Tracestate = activity.TraceStateString ?? "";
    }
}
