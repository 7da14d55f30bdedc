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
            case Case.PutMessages:
                stream.Start(
                    operation.Tag, MessageOperations.Put, operation.PutMessages,
                    static (result, put) => result.PutMessages = put);
                break;
            case Case.GetMessages:
                stream.Start(
                    operation.Tag, MessageOperations.ForGet(operation.GetMessages), operation.GetMessages,
                    static (result, given) => result.GetMessages = given);
                break;
            case Case.SettleMessages:
                stream.Start(
                    operation.Tag, MessageOperations.Settle, operation.SettleMessages,
                    static (result, settled) => result.SettleMessages = settled);
                break;
            case Case.PeekMessages:
                stream.Start(
                    operation.Tag, MessageOperations.Peek, operation.PeekMessages,
                    static (result, shown) => result.PeekMessages = shown);
                break;
            case Case.JoinQueue:
                stream.Start(
                    operation.Tag, MessageOperations.Join, operation.JoinQueue,
                    static (result, joined) => result.JoinQueue = joined);
                break;
            case Case.UseQueue:
                stream.Start(
                    operation.Tag, MessageOperations.Use, operation.UseQueue,
                    static (result, used) => result.UseQueue = used);
                break;
            case Case.LeaveQueue:
                stream.Start(
                    operation.Tag, MessageOperations.Leave, operation.LeaveQueue,
                    static (result, left) => result.LeaveQueue = left);
                break;
            case Case.UseState:
                stream.Start(
                    operation.Tag, StateOperations.Use, operation.UseState,
                    static (to, result) => to.UseState = result);
                break;
            case Case.LeaveState:
                stream.Start(
                    operation.Tag, StateOperations.Leave, operation.LeaveState,
                    static (to, result) => to.LeaveState = result);
                break;
            case Case.Acquire:
                stream.Start(
                    operation.Tag, StateOperations.Acquire, operation.Acquire,
                    static (to, result) => to.Acquire = result);
                break;
            case Case.Release:
                stream.Start(
                    operation.Tag, StateOperations.Release, operation.Release,
                    static (to, result) => to.Release = result);
                break;
            case Case.ExtendGrant:
                stream.Start(
                    operation.Tag, StateOperations.Extend, operation.ExtendGrant,
                    static (to, result) => to.ExtendGrant = result);
                break;
            case Case.SetEvent:
                stream.Start(
                    operation.Tag, StateOperations.SetEvent, operation.SetEvent,
                    static (to, result) => to.SetEvent = result);
                break;
            case Case.WaitEvent:
                stream.Start(
                    operation.Tag, StateOperations.WaitEvent, operation.WaitEvent,
                    static (to, result) => to.WaitEvent = result);
                break;
            case Case.WaitBarrier:
                stream.Start(
                    operation.Tag, StateOperations.WaitBarrier, operation.WaitBarrier,
                    static (to, result) => to.WaitBarrier = result);
                break;
            case Case.ResetBarrier:
                stream.Start(
                    operation.Tag, StateOperations.ResetBarrier, operation.ResetBarrier,
                    static (to, result) => to.ResetBarrier = result);
                break;
            case Case.WaitCondition:
                stream.Start(
                    operation.Tag, StateOperations.WaitCondition, operation.WaitCondition,
                    static (to, result) => to.WaitCondition = result);
                break;
            case Case.NotifyCondition:
                stream.Start(
                    operation.Tag, StateOperations.NotifyCondition, operation.NotifyCondition,
                    static (to, result) => to.NotifyCondition = result);
                break;
            case Case.AddCounter:
                stream.Start(
                    operation.Tag, StateOperations.AddCounter, operation.AddCounter,
                    static (to, result) => to.AddCounter = result);
                break;
            case Case.ReadValue:
                stream.Start(
                    operation.Tag, StateOperations.ReadValue, operation.ReadValue,
                    static (to, result) => to.ReadValue = result);
                break;
            case Case.WriteValue:
                stream.Start(
                    operation.Tag, StateOperations.WriteValue, operation.WriteValue,
                    static (to, result) => to.WriteValue = result);
                break;
            case Case.ReadArray:
                stream.Start(
                    operation.Tag, StateOperations.ReadArray, operation.ReadArray,
                    static (to, result) => to.ReadArray = result);
                break;
            case Case.WriteArray:
                stream.Start(
                    operation.Tag, StateOperations.WriteArray, operation.WriteArray,
                    static (to, result) => to.WriteArray = result);
                break;
            case Case.ReadMap:
                stream.Start(
                    operation.Tag, StateOperations.ReadMap, operation.ReadMap,
                    static (to, result) => to.ReadMap = result);
                break;
            case Case.WriteMap:
                stream.Start(
                    operation.Tag, StateOperations.WriteMap, operation.WriteMap,
                    static (to, result) => to.WriteMap = result);
                break;
            case Case.ReadList:
                stream.Start(
                    operation.Tag, StateOperations.ReadList, operation.ReadList,
                    static (to, result) => to.ReadList = result);
                break;
            case Case.WriteList:
                stream.Start(
                    operation.Tag, StateOperations.WriteList, operation.WriteList,
                    static (to, result) => to.WriteList = result);
                break;
            case Case.CreateSegment:
                stream.Start(
                    operation.Tag, stream.Memory.Create, operation.CreateSegment,
                    static (result, value) => result.CreateSegment = value);
                break;
            case Case.OpenSegment:
                stream.Start(
                    operation.Tag, stream.Memory.Open, operation.OpenSegment,
                    static (result, value) => result.OpenSegment = value);
                break;
            case Case.ResizeSegment:
                stream.Start(
                    operation.Tag, stream.Memory.Resize, operation.ResizeSegment,
                    static (result, value) => result.ResizeSegment = value);
                break;
            case Case.CloseSegment:
                stream.Start(
                    operation.Tag, MemoryOperations.CloseOne, operation.CloseSegment,
                    static (result, value) => result.CloseSegment = value);
                break;
            case Case.UnlinkSegment:
                stream.Start(
                    operation.Tag, MemoryOperations.Unlink, operation.UnlinkSegment,
                    static (result, value) => result.UnlinkSegment = value);
                break;
            case Case.WaitAny:
                stream.Start(
                    operation.Tag, WaitOperations.WaitAny, operation.WaitAny,
                    static (result, response) => result.WaitAny = response);
                break;
            case Case.OpenPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Open, operation.OpenPipe,
                    static (result, response) => result.OpenPipe = response);
                break;
            case Case.SendToPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Send, operation.SendToPipe,
                    static (result, response) => result.SendToPipe = response);
                break;
            case Case.ReceiveFromPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Receive, operation.ReceiveFromPipe,
                    static (result, response) => result.ReceiveFromPipe = response);
                break;
            case Case.PollPipe:
                stream.Start(
                    operation.Tag, PipeOperations.Poll, operation.PollPipe,
                    static (result, response) => result.PollPipe = response);
                break;
            case Case.ClosePipe:
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
