using System.Diagnostics;
using Grpc.Core;
using Queued.Broker;
using RpcStatus = Google.Rpc.Status;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>
/// Reads tasks of one caller: what the core cannot be told, or this caller may not say, is refused here.
/// </summary>
internal sealed class SubmissionReader(ExecPolicy exec, ServerCallContext context)
{
    private readonly bool _mayExec = exec.IsAllowed(context);

    /// <summary>Those of a batch on a stream.</summary>
    /// <param name="batch">What the client sent.</param>
    /// <param name="activity">The span of the submit.</param>
    /// <param name="accepted">For the core. Those that are read come at its end.</param>
    /// <param name="refused">The others.</param>
    public void Read(
        Wire.SubmissionBatch batch, Activity? activity, List<TaskSubmission> accepted, ref List<Refusal>? refused)
    {
        var same = ReadCommon(batch, activity, out var refusal);
        var offset = 0;
        for (var index = 0; index < batch.Tags.Count; index++)
        {
            var tag = batch.Tags[index];
            TaskSubmission? task = null;
            if (same is not null)
            {
                var payload = batch.Payloads is { } all ? ProtoMapping.Take(all, index, ref offset) : same.Payload;
                var priority = batch.Priorities.Count > 0 ? batch.Priorities[index] : same.Priority;
                task = same with { Tag = tag, Payload = payload, Priority = priority };
                refusal = Check(task);
            }

            if (refusal is null) accepted.Add(task!);
            else (refused ??= []).Add(new Refusal(accepted.Count + (refused?.Count ?? 0), tag, refusal));
        }
    }

    private RpcStatus? Check(TaskSubmission task) => task is { Tag: 0, WantsOutcome: true }
        ? RpcErrors.ToStatus(RpcErrors.Invalid(
            "tags",
            "A tag is 0, and the outcome is told under it. Give a number above 0, or set without_outcome."))
        : exec.Check(task, _mayExec, FieldPath.Task);

    /// <param name="spec">The task. Null: the caller sent none.</param>
    /// <param name="prefix">Path of the task in the request, with its dot.</param>
    /// <param name="tag">The caller's number for it.</param>
    /// <param name="wantsOutcome">The submitting session is told of its end.</param>
    /// <param name="activity">The span of the submit.</param>
    /// <param name="refusal">Why it is refused.</param>
    public TaskSubmission? Read(
        Wire.TaskSpec? spec, string prefix, ulong tag, bool wantsOutcome, Activity? activity, out RpcStatus? refusal)
    {
        (var task, refusal) = ReadSpec(spec, prefix, activity);
        refusal ??= exec.Check(task!, _mayExec, prefix);
        return refusal is null ? task! with { Tag = tag, WantsOutcome = wantsOutcome } : null;
    }

    /// <summary>What those of a batch have in common.</summary>
    private static TaskSubmission? ReadCommon(
        Wire.SubmissionBatch batch, Activity? activity, out RpcStatus? refusal)
    {
        (var task, refusal) = ReadSpec(batch.Task, FieldPath.Task, activity);
        if (task is null) return null;
        var check = new FieldCheck("");
        if (batch.Payloads is { } payloads) ProtoMapping.Holds(payloads, batch.Tags.Count, "payloads", ref check);
        if (batch.Priorities.Count > 0 && batch.Priorities.Count != batch.Tags.Count)
        {
            check.Reject(
                "priorities",
                $"priorities has {batch.Priorities.Count} entries, and tags has {batch.Tags.Count}. It has one for " +
                "each of them, or none.");
        }

        if (check.Rejection is null) return task with { WantsOutcome = !batch.WithoutOutcome };
        refusal = RpcErrors.ToStatus(check.Rejection);
        return null;
    }

    private static SpecRead ReadSpec(Wire.TaskSpec? spec, string prefix, Activity? activity)
    {
        if (spec is null)
        {
            var field = prefix.TrimEnd('.');
            return new(null, RpcErrors.ToStatus(RpcErrors.Invalid(field, $"{field} is not set. It says what to run.")));
        }

        var check = new FieldCheck(prefix);
        var task = ProtoMapping.ToSubmission(spec, ref check);
        return check.Rejection is { } rejection
            ? new(null, RpcErrors.ToStatus(rejection))
            : new(SubmitActivity.Continue(task, activity), null);
    }
}

/// <summary>What was said to run. One of the two is set.</summary>
internal readonly record struct SpecRead(TaskSubmission? Task, RpcStatus? Refusal);

/// <summary>One that the core does not see.</summary>
/// <param name="Index">Its place in the message.</param>
/// <param name="Tag">The caller's number for it.</param>
/// <param name="Error">Why.</param>
internal readonly record struct Refusal(int Index, ulong Tag, RpcStatus Error);
