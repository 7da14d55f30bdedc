using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>Queues of messages, a call for each operation.</summary>
internal sealed class MessageGrpcService(OperationCalls calls) : MessageService.MessageServiceBase
{
    public override Task<UseQueueResponse> UseQueue(UseQueueRequest request, ServerCallContext context) =>
        calls.RunAsync(MessageOperations.Use, request, request.SessionId, context);

    public override Task<LeaveQueueResponse> LeaveQueue(LeaveQueueRequest request, ServerCallContext context) =>
        calls.RunAsync(MessageOperations.Leave, request, request.SessionId, context);

    public override Task<PutMessagesResponse> PutMessages(PutMessagesRequest request, ServerCallContext context) =>
        calls.RunAsync(MessageOperations.Put, request, context);

    public override Task<GetMessagesResponse> GetMessages(GetMessagesRequest request, ServerCallContext context) =>
        calls.RunAsync(MessageOperations.ForGet(request), request, request.SessionId, context);

    public override Task<SettleMessagesResponse> SettleMessages(
        SettleMessagesRequest request, ServerCallContext context) =>
        calls.RunAsync(MessageOperations.Settle, request, request.SessionId, context);

    public override Task<PeekMessagesResponse> PeekMessages(PeekMessagesRequest request, ServerCallContext context) =>
        calls.RunAsync(MessageOperations.Peek, request, context);

    public override Task<JoinQueueResponse> JoinQueue(JoinQueueRequest request, ServerCallContext context) =>
        calls.RunAsync(MessageOperations.Join, request, context);
}
