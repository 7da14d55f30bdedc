using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal static partial class ProtoMapping
{
    public static WorkerHello ToHello(Wire.Hello hello) => new()
    {
        Queues = [.. hello.Queues],
        Handlers = [.. hello.Handlers],
        Slots = FieldCheck.Int(hello.Slots),
        ProcessId = FieldCheck.Int(hello.ProcessId),
    };

    public static Command.WorkerReport ToReport(WorkerId worker, Wire.WorkRequest request, ref FieldCheck check) =>
        new(worker)
        {
            Credits = FieldCheck.Int(request.Credits),
            Settlements = ToSettlements(request, ref check),
            Progress = ToProgress(request, ref check),
            Extensions = ToExtensions(request, ref check),
            Waits = ToWaits(request),
            MapsSegments = request.MapsSegments,
        };

    private static Settlement[] ToSettlements(Wire.WorkRequest request, ref FieldCheck check)
    {
        if (request.Settlements.Count == 0) return [];
        var settlements = new Settlement[request.Settlements.Count];
        for (var i = 0; i < settlements.Length; i++)
        {
            settlements[i] = ToSettlement(request.Settlements[i], i, ref check);
        }

        return settlements;
    }

    private static Settlement ToSettlement(Wire.Settlement wire, int index, ref FieldCheck check)
    {
        var attempt = AttemptOf(wire.TaskId, wire.Attempt);
        switch (wire.ResultCase)
        {
            case Wire.Settlement.ResultOneofCase.Succeeded:
                return new Settlement.Succeeded(attempt, FromWire(wire.Succeeded));
            case Wire.Settlement.ResultOneofCase.Failed:
                return new Settlement.Failed(attempt, ToFailure(wire.Failed, index, ref check));
            case Wire.Settlement.ResultOneofCase.Released:
                return new Settlement.Released(attempt);
            case Wire.Settlement.ResultOneofCase.Snoozed:
                var delay = check.Duration(wire.Snoozed.Delay, $"settlements[{index}].snoozed.delay");
                return new Settlement.Snoozed(attempt, delay ?? TimeSpan.Zero);
            case Wire.Settlement.ResultOneofCase.None:
            default:
                check.Reject(
                    $"settlements[{index}].result",
                    $"settlements[{index}] says nothing of how attempt {attempt} ended.");
                return new Settlement.Released(attempt);
        }
    }

    private static TaskFailure ToFailure(Wire.Failure wire, int index, ref FieldCheck check)
    {
        var kind = FromWire(wire.Kind);
        if (kind is null)
        {
            check.Reject(
                $"settlements[{index}].failed.kind",
                $"settlements[{index}].failed.kind is {(int)wire.Kind}. A worker says ERROR, REJECTED or CANCELLED; " +
                "how processes end is the daemon's to say.");
        }

        return new TaskFailure(kind ?? FailureKind.Error, wire.Message)
        {
            ErrorType = wire.ErrorType,
            Detail = wire.Detail,
            NonRetryable = wire.NonRetryable,
        };
    }

    private static (AttemptId, TaskProgress)[] ToProgress(Wire.WorkRequest request, ref FieldCheck check)
    {
        if (request.Progress.Count == 0) return [];
        var progress = new (AttemptId, TaskProgress)[request.Progress.Count];
        for (var i = 0; i < progress.Length; i++)
        {
            var wire = request.Progress[i];
            var said = wire.Progress ?? new Wire.Progress();
            var completed = check.Number(said.Completed, $"progress[{i}].progress.completed");
            var total = check.Number(said.Total, $"progress[{i}].progress.total");
            progress[i] = (AttemptOf(wire.TaskId, wire.Attempt), new TaskProgress(completed, total, said.Message));
        }

        return progress;
    }

    private static (AttemptId, TimeSpan)[] ToExtensions(Wire.WorkRequest request, ref FieldCheck check)
    {
        if (request.Extensions.Count == 0) return [];
        var extensions = new (AttemptId, TimeSpan)[request.Extensions.Count];
        for (var i = 0; i < extensions.Length; i++)
        {
            var wire = request.Extensions[i];
            var field = $"extensions[{i}].timeout";
            var timeout = check.Duration(wire.Timeout, field);
            if (timeout is null)
            {
                check.Reject(field, $"{field} is not set. It says how much more time the attempt needs.");
            }

            extensions[i] = (AttemptOf(wire.TaskId, wire.Attempt), timeout ?? TimeSpan.Zero);
        }

        return extensions;
    }

    private static (AttemptId, bool)[] ToWaits(Wire.WorkRequest request)
    {
        if (request.Waits.Count == 0) return [];
        var waits = new (AttemptId, bool)[request.Waits.Count];
        for (var i = 0; i < waits.Length; i++)
        {
            waits[i] = (AttemptOf(request.Waits[i].TaskId, request.Waits[i].Attempt), request.Waits[i].Waiting);
        }

        return waits;
    }

    public static AttemptId AttemptOf(ulong task, uint attempt) => new(new TaskId(task), attempt);

    /// <param name="assignment">The attempt.</param>
    /// <param name="previous">The one before it in its message: what is the same is not said again.</param>
    public static Wire.Assignment ToWire(Assignment assignment, Assignment? previous) => new()
    {
        TaskId = assignment.Attempt.Task.Value,
        Attempt = assignment.Attempt.Attempt,
        Target = HaveSameTarget(assignment, previous) ? null : ToTarget(assignment),
        Payload = ToWire(assignment.Payload),
        SubmittedAt = ToWire(assignment.SubmittedAt),
        FailedAttempts = (uint)assignment.FailedAttempts,
    };

    private static bool HaveSameTarget(Assignment one, Assignment? other) =>
        one.Handler == other?.Handler && one.Queue == other.Queue && one.Timeout == other.Timeout &&
        one.Traceparent == other.Traceparent && one.Tracestate == other.Tracestate &&
        ReferenceEquals(one.Labels, other.Labels);

    private static Wire.AssignmentTarget ToTarget(Assignment assignment)
    {
        var target = new Wire.AssignmentTarget
        {
            Handler = assignment.Handler,
            Queue = assignment.Queue,
            Timeout = ToWire(assignment.Timeout),
            Traceparent = assignment.Traceparent,
            Tracestate = assignment.Tracestate,
        };
        Fill(target.Labels, assignment.Labels);
        return target;
    }

    public static Wire.CancelAttempt ToWire(AttemptId attempt, CancelReason reason, TimeSpan grace) => new()
    {
        TaskId = attempt.Task.Value,
        Attempt = attempt.Attempt,
        Reason = ToWire(reason),
        Grace = ToWire(grace),
    };

    public static Wire.AttemptError ToWire(AttemptId attempt, Rejection rejection) => new()
    {
        TaskId = attempt.Task.Value,
        Attempt = attempt.Attempt,
        Error = RpcErrors.ToStatus(rejection),
    };
}
