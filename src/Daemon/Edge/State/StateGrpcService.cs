using Grpc.Core;
using Queued.Broker;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>Shared state in unary calls; the operations are those of sessions.</summary>
internal sealed class StateGrpcService(BrokerGateway broker, OperationCalls operations) : StateService.StateServiceBase
{
    public override Task<UseStateResponse> UseState(UseStateRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.Use, request, request.SessionId, context);

    public override Task<LeaveStateResponse> LeaveState(LeaveStateRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.Leave, request, request.SessionId, context);

    public override Task<AcquireResponse> Acquire(AcquireRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.Acquire, request, request.SessionId, context);

    public override Task<ReleaseResponse> Release(ReleaseRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.Release, request, request.SessionId, context);

    public override Task<ExtendGrantResponse> ExtendGrant(ExtendGrantRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.Extend, request, request.SessionId, context);

    public override Task<SetEventResponse> SetEvent(SetEventRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.SetEvent, request, request.SessionId, context);

    public override Task<WaitEventResponse> WaitEvent(WaitEventRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.WaitEvent, request, request.SessionId, context);

    public override Task<WaitBarrierResponse> WaitBarrier(WaitBarrierRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.WaitBarrier, request, request.SessionId, context);

    public override Task<ResetBarrierResponse> ResetBarrier(ResetBarrierRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.ResetBarrier, request, request.SessionId, context);

    public override Task<WaitConditionResponse> WaitCondition(
        WaitConditionRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.WaitCondition, request, request.SessionId, context);

    public override Task<NotifyConditionResponse> NotifyCondition(
        NotifyConditionRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.NotifyCondition, request, request.SessionId, context);

    public override Task<AddCounterResponse> AddCounter(AddCounterRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.AddCounter, request, request.SessionId, context);

    public override Task<ReadValueResponse> ReadValue(ReadValueRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.ReadValue, request, request.SessionId, context);

    public override Task<WriteValueResponse> WriteValue(WriteValueRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.WriteValue, request, request.SessionId, context);

    public override Task<ReadArrayResponse> ReadArray(ReadArrayRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.ReadArray, request, request.SessionId, context);

    public override Task<WriteArrayResponse> WriteArray(WriteArrayRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.WriteArray, request, request.SessionId, context);

    public override Task<ReadMapResponse> ReadMap(ReadMapRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.ReadMap, request, request.SessionId, context);

    public override Task<WriteMapResponse> WriteMap(WriteMapRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.WriteMap, request, request.SessionId, context);

    public override Task<ReadListResponse> ReadList(ReadListRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.ReadList, request, request.SessionId, context);

    public override Task<WriteListResponse> WriteList(WriteListRequest request, ServerCallContext context) =>
        operations.RunAsync(StateOperations.WriteList, request, request.SessionId, context);

    public override async Task<ListStatesResponse> ListStates(ListStatesRequest request, ServerCallContext context)
    {
        var kinds = request.Kinds.Select(kind => ProtoMapping.FromWire(kind) ?? throw RpcErrors.InvalidCall(
            "kinds", $"kinds has {(int)kind}, which is no kind of shared object of this version.")).ToArray();
        var page = await broker.AskAsync<Response.StatePage>(
            id => new Command.ListStates(id, kinds, PageSize.Of(request.PageSize), request.PageToken, request.Name),
            context.CancellationToken);
        var response = new ListStatesResponse { NextPageToken = page.Next };
        foreach (var state in page.States) response.States.Add(ProtoMapping.ToWire(state));
        return response;
    }

    public override async Task<DeleteStateResponse> DeleteState(
        DeleteStateRequest request, ServerCallContext context)
    {
        await broker.AskAsync<Response.Done>(
            id => new Command.DeleteState(id, request.Name, request.Force), context.CancellationToken);
        return new DeleteStateResponse();
    }

    public override async Task<RevokeGrantResponse> RevokeGrant(
        RevokeGrantRequest request, ServerCallContext context)
    {
        var revoked = await broker.AskAsync<Response.GrantRevoked>(
            id => new Command.RevokeGrant(id, request.Name, request.FencingToken), context.CancellationToken);
        return new RevokeGrantResponse { FencingToken = revoked.Token };
    }
}
