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

    /// <param name="spec">The task. Null: the caller sent none.</param>
    /// <param name="prefix">Path of the task in the request, with its dot.</param>
    /// <param name="tag">The caller's number for it.</param>
    /// <param name="wantsOutcome">The submitting session is told of its end.</param>
    /// <param name="activity">The span of the submit.</param>
    /// <param name="refusal">Why it is refused.</param>
    public TaskSubmission? Read(
        Wire.TaskSpec? spec, string prefix, ulong tag, bool wantsOutcome, Activity? activity, out RpcStatus? refusal)
    {
        if (spec is null)
        {
            var field = prefix.TrimEnd('.');
            refusal = RpcErrors.ToStatus(RpcErrors.Invalid(field, $"{field} is not set. It says what to run."));
            return null;
        }

        var check = new FieldCheck(prefix);
        var task = ProtoMapping.ToSubmission(spec, tag, wantsOutcome, ref check);
        refusal = check.Rejection is { } rejection
            ? RpcErrors.ToStatus(rejection)
            : exec.Check(task, _mayExec, prefix);
        return refusal is null ? SubmitActivity.Continue(task, activity) : null;
    }
}
