using Queued.Protocol.V1;
using Case = Queued.Protocol.V1.SessionOperation.OperationOneofCase;

namespace Queued.Daemon.Edge;

/// <summary>Which operation of a session is which.</summary>
internal static class SessionOperations
{
    public static void Start(SessionStream stream, SessionOperation operation)
    {
        switch (operation.OperationCase)
        {
            case SessionOperation.OperationOneofCase.PutMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Put, operation.PutMessages,
                    static (result, put) => result.PutMessages = put, cancellationToken);
            case SessionOperation.OperationOneofCase.GetMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Get, operation.GetMessages,
                    static (result, given) => result.GetMessages = given, cancellationToken);
            case SessionOperation.OperationOneofCase.SettleMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Settle, operation.SettleMessages,
                    static (result, settled) => result.SettleMessages = settled, cancellationToken);
            case SessionOperation.OperationOneofCase.PeekMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Peek, operation.PeekMessages,
                    static (result, shown) => result.PeekMessages = shown, cancellationToken);
            case SessionOperation.OperationOneofCase.JoinQueue:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Join, operation.JoinQueue,
                    static (result, joined) => result.JoinQueue = joined, cancellationToken);
            case SessionOperation.OperationOneofCase.UseQueue:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Use, operation.UseQueue,
                    static (result, used) => result.UseQueue = used, cancellationToken);
            case Case.UseState:
                return stream.StartAsync(
                    operation.Tag, StateOperations.Use, operation.UseState, static (to, result) => to.UseState = result,
                    cancellationToken);
            case Case.LeaveState:
                return stream.StartAsync(
                    operation.Tag, StateOperations.Leave, operation.LeaveState, static (to, result) => to.LeaveState = result,
                    cancellationToken);
            case Case.Acquire:
                return stream.StartAsync(
                    operation.Tag, StateOperations.Acquire, operation.Acquire, static (to, result) => to.Acquire = result,
                    cancellationToken);
            case Case.Release:
                return stream.StartAsync(
                    operation.Tag, StateOperations.Release, operation.Release, static (to, result) => to.Release = result,
                    cancellationToken);
            case Case.ExtendGrant:
                return stream.StartAsync(
                    operation.Tag, StateOperations.Extend, operation.ExtendGrant, static (to, result) => to.ExtendGrant = result,
                    cancellationToken);
            case Case.SetEvent:
                return stream.StartAsync(
                    operation.Tag, StateOperations.SetEvent, operation.SetEvent, static (to, result) => to.SetEvent = result,
                    cancellationToken);
            case Case.WaitEvent:
                return stream.StartAsync(
                    operation.Tag, StateOperations.WaitEvent, operation.WaitEvent, static (to, result) => to.WaitEvent = result,
                    cancellationToken);
            case Case.WaitBarrier:
                return stream.StartAsync(
                    operation.Tag, StateOperations.WaitBarrier, operation.WaitBarrier, static (to, result) => to.WaitBarrier = result,
                    cancellationToken);
            case Case.ResetBarrier:
                return stream.StartAsync(
                    operation.Tag, StateOperations.ResetBarrier, operation.ResetBarrier, static (to, result) => to.ResetBarrier = result,
                    cancellationToken);
            case Case.WaitCondition:
                return stream.StartAsync(
                    operation.Tag, StateOperations.WaitCondition, operation.WaitCondition, static (to, result) => to.WaitCondition = result,
                    cancellationToken);
            case Case.NotifyCondition:
                return stream.StartAsync(
                    operation.Tag, StateOperations.NotifyCondition, operation.NotifyCondition, static (to, result) => to.NotifyCondition = result,
                    cancellationToken);
            case Case.AddCounter:
                return stream.StartAsync(
                    operation.Tag, StateOperations.AddCounter, operation.AddCounter, static (to, result) => to.AddCounter = result,
                    cancellationToken);
            case Case.ReadValue:
                return stream.StartAsync(
                    operation.Tag, StateOperations.ReadValue, operation.ReadValue, static (to, result) => to.ReadValue = result,
                    cancellationToken);
            case Case.WriteValue:
                return stream.StartAsync(
                    operation.Tag, StateOperations.WriteValue, operation.WriteValue, static (to, result) => to.WriteValue = result,
                    cancellationToken);
            case Case.ReadArray:
                return stream.StartAsync(
                    operation.Tag, StateOperations.ReadArray, operation.ReadArray, static (to, result) => to.ReadArray = result,
                    cancellationToken);
            case Case.WriteArray:
                return stream.StartAsync(
                    operation.Tag, StateOperations.WriteArray, operation.WriteArray, static (to, result) => to.WriteArray = result,
                    cancellationToken);
            case Case.ReadMap:
                return stream.StartAsync(
                    operation.Tag, StateOperations.ReadMap, operation.ReadMap, static (to, result) => to.ReadMap = result,
                    cancellationToken);
            case Case.WriteMap:
                return stream.StartAsync(
                    operation.Tag, StateOperations.WriteMap, operation.WriteMap, static (to, result) => to.WriteMap = result,
                    cancellationToken);
            case Case.ReadList:
                return stream.StartAsync(
                    operation.Tag, StateOperations.ReadList, operation.ReadList, static (to, result) => to.ReadList = result,
                    cancellationToken);
            case Case.WriteList:
                return stream.StartAsync(
                    operation.Tag, StateOperations.WriteList, operation.WriteList, static (to, result) => to.WriteList = result,
                    cancellationToken);
            case Case.CreateSegment:
                return stream.StartAsync(
                    operation.Tag, stream.Memory.Create, operation.CreateSegment,
                    static (result, value) => result.CreateSegment = value, cancellationToken);
            case Case.OpenSegment:
                return stream.StartAsync(
                    operation.Tag, stream.Memory.Open, operation.OpenSegment,
                    static (result, value) => result.OpenSegment = value, cancellationToken);
            case Case.ResizeSegment:
                return stream.StartAsync(
                    operation.Tag, stream.Memory.Resize, operation.ResizeSegment,
                    static (result, value) => result.ResizeSegment = value, cancellationToken);
            case Case.CloseSegment:
                return stream.StartAsync(
                    operation.Tag, MemoryOperations.CloseOne, operation.CloseSegment,
                    static (result, value) => result.CloseSegment = value, cancellationToken);
            case Case.UnlinkSegment:
                return stream.StartAsync(
                    operation.Tag, MemoryOperations.Unlink, operation.UnlinkSegment,
                    static (result, value) => result.UnlinkSegment = value, cancellationToken);
            case SessionOperation.OperationOneofCase.WaitAny:
                stream.Start(
                    operation.Tag, WaitOperations.WaitAny, operation.WaitAny,
                    static (result, response) => result.WaitAny = response);
                break;
            case SessionOperation.OperationOneofCase.OpenPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Open, operation.OpenPipe,
                    static (result, response) => result.OpenPipe = response);
                break;
            case SessionOperation.OperationOneofCase.SendToPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Send, operation.SendToPipe,
                    static (result, response) => result.SendToPipe = response);
                break;
            case SessionOperation.OperationOneofCase.ReceiveFromPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Receive, operation.ReceiveFromPipe,
                    static (result, response) => result.ReceiveFromPipe = response);
                break;
            case SessionOperation.OperationOneofCase.PollPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Poll, operation.PollPipe,
                    static (result, response) => result.PollPipe = response);
                break;
            case SessionOperation.OperationOneofCase.ClosePipe:
                stream.Start(
                    operation.Tag, PipeOperations.Close, operation.ClosePipe,
                    static (result, response) => result.ClosePipe = response);
                break;
            default:
                stream.Refuse(operation.Tag, RpcErrors.ToStatus(RpcErrors.Invalid(
                    "operations.operation",
                    $"The operation with the tag {operation.Tag} is none that this daemon knows.")));
                break;
        }
    }
}
