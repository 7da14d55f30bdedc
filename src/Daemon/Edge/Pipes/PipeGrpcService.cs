using Grpc.Core;
using Queued.Broker;
using Queued.Protocol.V1;
using Command = Queued.Broker.Command;

namespace Queued.Daemon.Edge;

/// <summary>Pipes as unary calls.</summary>
internal sealed class PipeGrpcService(OperationCalls operations, BrokerGateway broker) : PipeService.PipeServiceBase
{
    public override Task<OpenPipeResponse> OpenPipe(OpenPipeRequest request, ServerCallContext context) =>
        operations.RunAsync(PipeOperations.Open, request, request.SessionId, context);

    public override Task<SendToPipeResponse> SendToPipe(SendToPipeRequest request, ServerCallContext context) =>
        operations.RunAsync(PipeOperations.Send, request, request.SessionId, context);

    public override Task<ReceiveFromPipeResponse> ReceiveFromPipe(
        ReceiveFromPipeRequest request, ServerCallContext context) =>
        operations.RunAsync(PipeOperations.ReceiveInCall(request.PipeEndId), request, request.SessionId, context);

    public override Task<PollPipeResponse> PollPipe(PollPipeRequest request, ServerCallContext context) =>
        operations.RunAsync(PipeOperations.Poll, request, request.SessionId, context);

    public override Task<ClosePipeResponse> ClosePipe(ClosePipeRequest request, ServerCallContext context) =>
        operations.RunAsync(PipeOperations.Close, request, request.SessionId, context);

    public override async Task<ListPipesResponse> ListPipes(ListPipesRequest request, ServerCallContext context)
    {
        var page = await broker.AskAsync<Response.PipePage>(
            id => new Command.ListPipes(id, PageSize.Of(request.PageSize), request.PageToken),
            context.CancellationToken);
        var response = new ListPipesResponse { NextPageToken = page.Next };
        foreach (var pipe in page.Pipes) response.Pipes.Add(PipeOperations.ToWire(pipe));
        return response;
    }
}
