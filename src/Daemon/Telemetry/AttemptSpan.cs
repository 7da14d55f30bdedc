using System.Diagnostics;
using System.Globalization;
using Queued.Broker;

namespace Queued.Daemon.Telemetry;

/// <summary>
/// One attempt as a span, made after its end, as a child of the span that submitted the task. Attributes are those of
/// OpenTelemetry's semantic conventions for messaging.
/// </summary>
internal static class AttemptSpan
{
    public static void Record(in AttemptReport report, DateTimeOffset endedAt)
    {
        _ = ActivityContext.TryParse(report.Traceparent, report.Tracestate, isRemote: true, out var parent);
        using var activity = Instruments.Activities.StartActivity(
            $"process {report.Queue}", ActivityKind.Consumer, parent, startTime: endedAt - report.RanFor);
        if (activity is null)
        {
            return;
        }

        activity.SetTag("messaging.system", "queued");
        activity.SetTag("messaging.operation.type", "process");
        activity.SetTag("messaging.operation.name", "process");
        activity.SetTag("messaging.destination.name", report.Queue);
        activity.SetTag("messaging.message.id", report.Attempt.Task.ToString());
        activity.SetTag("queued.task.attempt", (long)report.Attempt.Attempt);
        activity.SetTag("queued.task.handler", report.Handler);
        activity.SetTag("queued.task.state", report.Next.ToString().ToLowerInvariant());
        activity.SetTag("queued.task.wait", report.QueuedFor.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        activity.SetTag("queued.worker.id", report.Worker.ToString());
        if (report.Failure is { } failure)
        {
            activity.SetTag(
                "error.type", failure.ErrorType.Length == 0 ? AttemptOutcome.Of(failure.Kind) : failure.ErrorType);
            activity.SetStatus(ActivityStatusCode.Error, failure.Message);
        }

        activity.SetEndTime(endedAt.UtcDateTime);
    }
}

internal static class AttemptOutcome
{
    public static string Of(in AttemptReport report) =>
        report.Failure is { } failure ? Of(failure.Kind)
        : report.Next switch
        {
            TaskState.Queued => "released",
            TaskState.Retrying => "snoozed",
            TaskState.Cancelled => "cancelled",
            _ => "succeeded",
        };

    public static string Of(FailureKind kind) => kind switch
    {
        FailureKind.Error => "error",
        FailureKind.ExitCode => "exit_code",
        FailureKind.Signal => "signal",
        FailureKind.OutOfMemory => "oom",
        FailureKind.Timeout => "timeout",
        FailureKind.Spawn => "spawn",
        FailureKind.Lost => "lost",
        FailureKind.Rejected => "rejected",
        FailureKind.Expired => "expired",
        FailureKind.Cancelled => "cancelled",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of failure."),
    };
}
