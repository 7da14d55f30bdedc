using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Daemon.Supervision;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Daemon.Edge;

/// <summary>Who may say which programs run, and whether what they say can run.</summary>
internal sealed class ExecPolicy(BrokerLoopOptions options)
{
    /// <summary>The built-in handler, and the queue of its tasks that name none.</summary>
    public const string Handler = "exec";

    /// <summary>Whether this caller may name programs.</summary>
    public bool IsAllowed(ServerCallContext context) =>
        options.ExecAllowedOverTcp || context.IsLocal();

    public void RequireForPool(ServerCallContext context)
    {
        if (IsAllowed(context)) return;
        throw RpcErrors.Create(
            RpcErrors.ExecDenied,
            "Pools run programs, and callers over TCP may not say which. Call over the Unix socket, or allow exec " +
            "over TCP.");
    }

    public void RequireForBackup(ServerCallContext context)
    {
        if (IsAllowed(context)) return;
        throw RpcErrors.Create(
            RpcErrors.ExecDenied,
            "A backup is a file that the daemon writes, and callers over TCP may not say where. Call over the Unix " +
            "socket, or allow exec over TCP.");
    }

    /// <summary>Checks a submission of the handler <c>exec</c>. Null: nothing is wrong with it.</summary>
    public RpcStatus? Check(TaskSubmission task, bool isAllowed, string prefix)
    {
        if (task.Handler != Handler) return null;
        if (!isAllowed)
        {
            return RpcErrors.ToStatus(
                RpcErrors.ExecDenied,
                "Callers over TCP may not run commands. Submit over the Unix socket, or allow exec over TCP.",
                prefix + "handler");
        }

        if (task.Payload.Range is not null)
        {
            return RpcErrors.ToStatus(RpcErrors.Invalid(
                prefix + "payload.segment", "A command that exec runs is sent in payload.data, not in a segment."));
        }

        return ExecPayload.TryRead(task.Payload, options.ExecOutputBytesMax, out _, out var error)
            ? null
            : RpcErrors.ToStatus(RpcErrors.Invalid(
                prefix + "payload", $"{prefix}payload is not a command that exec can run: {error}."));
    }
}
