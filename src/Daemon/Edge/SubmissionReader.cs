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

    /// <summary>One of those that come together on a stream.</summary>
    /// <param name="submission">What the client sent.</param>
    /// <param name="latest">What the latest of them said to run, for those that say no more.</param>
    /// <param name="activity">The span of the submit.</param>
    /// <param name="refusal">Why it is refused.</param>
    public TaskSubmission? Read(
        Wire.Submission submission, ref SpecRead latest, Activity? activity, out RpcStatus? refusal)
    {
        if (submission.Task is not null || latest == default)
            latest = ReadSpec(submission.Task, FieldPath.Task, activity);
        refusal = latest.Refusal;
        if (latest.Task is not { } same) return null;
        var wantsOutcome = !submission.WithoutOutcome;
        if (submission.Tag == 0 && wantsOutcome)
        {
            refusal = RpcErrors.ToStatus(RpcErrors.Invalid(
                "tag", "tag is 0, and the outcome is told under it. Give a number above 0, or set without_outcome."));
            return null;
        }

        var task = same with
        {
            Tag = submission.Tag,
            WantsOutcome = wantsOutcome,
            Payload = ProtoMapping.FromWire(submission.Payload ?? submission.Task?.Payload),
        };
        refusal = exec.Check(task, _mayExec, FieldPath.Task);
        return refusal is null ? task : null;
    }

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
