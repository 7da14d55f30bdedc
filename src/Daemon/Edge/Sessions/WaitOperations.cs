using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>Waits for the first of several things.</summary>
internal static class WaitOperations
{
    public static Operation<Wire.WaitAnyRequest, Wire.WaitAnyResponse> WaitAny { get; } = new(
        (request, scope) => new Command.WaitAny(
            scope.Request, scope.Session, [.. request.Targets.Select(ToTarget)], scope.Wait(request.Wait)),
        response => new Wire.WaitAnyResponse { Ready = { ((Response.Ready)response).Targets.Select(at => (uint)at) } });

    private static WaitTarget ToTarget(Wire.WaitTarget target, int at) => target.TargetCase switch
    {
        Wire.WaitTarget.TargetOneofCase.Queue => new WaitTarget.Queue(target.Queue),
        Wire.WaitTarget.TargetOneofCase.PipeEndId => new WaitTarget.PipeEnd(new PipeEndId(target.PipeEndId)),
        Wire.WaitTarget.TargetOneofCase.TaskId => new WaitTarget.Task(new TaskId(target.TaskId)),
        Wire.WaitTarget.TargetOneofCase.Event => new WaitTarget.Event(target.Event),
        _ => throw RpcErrors.InvalidCall(
            $"targets[{at}].target", $"targets[{at}] has no target that this daemon knows."),
    };
}
