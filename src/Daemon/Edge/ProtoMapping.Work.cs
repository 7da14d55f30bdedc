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

    private static List<Settlement> ToSettlements(Wire.WorkRequest request, ref FieldCheck check)
    {
        var count = request.Settlements.Count;
        foreach (var batch in request.Successes) count += batch.TaskIds.Count;
        if (count == 0) return [];
        var settlements = new List<Settlement>(count);
        for (var i = 0; i < request.Settlements.Count; i++)
            settlements.Add(ToSettlement(request.Settlements[i], i, ref check));
        for (var i = 0; i < request.Successes.Count; i++)
            AddSuccesses(request.Successes[i], i, settlements, ref check);
        return settlements;
    }

    private static void AddSuccesses(
        Wire.SettlementBatch batch, int index, List<Settlement> settlements, ref FieldCheck check)
    {
        var count = batch.TaskIds.Count;
        if (batch.Attempts.Count != count)
        {
            check.Reject(
                $"successes[{index}].attempts",
                $"successes[{index}].attempts has {batch.Attempts.Count} entries, and task_ids has {count}.");
            return;
        }

        if (!Holds(batch.Results, count, $"successes[{index}].results", ref check)) return;
        var offset = 0;
        for (var i = 0; i < count; i++)
        {
            settlements.Add(new Settlement.Succeeded(
                AttemptOf(batch.TaskIds[i], batch.Attempts[i]), Take(batch.Results, i, ref offset)));
        }
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

    /// <summary>A batch of its own, for others to be added to. Its payloads are whole when it is sealed.</summary>
    public static Wire.AssignmentBatch ToWire(Assignment assignment)
    {
        var batch = new Wire.AssignmentBatch { Target = ToWire(assignment.Target) };
        if (assignment.Payload.Range is null)
            batch.Payloads = new Wire.PayloadBatch { ContentType = assignment.Payload.ContentType };
        else
            batch.Payload = ToWire(assignment.Payload);
        Add(batch, assignment);
        return batch;
    }

    /// <returns>Whether it goes with the one before it.</returns>
    public static bool TryAdd(
        IReadOnlyList<Wire.AssignmentBatch> batches, Assignment assignment, Assignment? previous)
    {
        if (previous is null || !AreAlike(assignment, previous)) return false;
        Add(batches[^1], assignment);
        return true;
    }

    private static void Add(Wire.AssignmentBatch batch, Assignment assignment)
    {
        batch.TaskIds.Add(assignment.Attempt.Task.Value);
        batch.Attempts.Add(assignment.Attempt.Attempt);
        batch.SubmittedAtUs.Add((ulong)(assignment.SubmittedAt - DateTimeOffset.UnixEpoch).Ticks / 10);
        batch.Payloads?.Append(assignment.Payload.Data);
        if (assignment.FailedAttempts > 0) batch.FailedAttempts.Add((uint)assignment.FailedAttempts);
    }

    private static bool AreAlike(Assignment one, Assignment other) =>
        one.Target == other.Target && one.Payload.Range is null && other.Payload.Range is null &&
        one.Payload.ContentType == other.Payload.ContentType &&
        one.FailedAttempts > 0 == other.FailedAttempts > 0;

    private static Wire.AssignmentTarget ToWire(AssignmentTarget target)
    {
        var wire = new Wire.AssignmentTarget
        {
            Handler = target.Handler,
            Queue = target.Queue,
            Timeout = ToWire(target.Timeout),
            Traceparent = target.Traceparent,
            Tracestate = target.Tracestate,
        };
        Fill(wire.Labels, target.Labels);
        return wire;
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
