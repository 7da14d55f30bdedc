using System.Globalization;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;
using Command = Queued.Broker.Command;

namespace Queued.Daemon.Edge;

internal sealed class MemoryGrpcService(OperationCalls calls, BrokerGateway broker, BrokerLoopOptions options)
    : MemoryService.MemoryServiceBase
{
    private readonly MemoryOperations _operations = new(options.Segments.Directory);

    public override Task<CreateSegmentResponse> CreateSegment(
        CreateSegmentRequest request, ServerCallContext context) =>
        calls.RunAsync(_operations.Create, request, request.SessionId, context);

    public override Task<OpenSegmentResponse> OpenSegment(OpenSegmentRequest request, ServerCallContext context) =>
        calls.RunAsync(_operations.Open, request, request.SessionId, context);

    public override Task<ResizeSegmentResponse> ResizeSegment(
        ResizeSegmentRequest request, ServerCallContext context) =>
        calls.RunAsync(_operations.Resize, request, request.SessionId, context);

    public override Task<CloseSegmentResponse> CloseSegment(CloseSegmentRequest request, ServerCallContext context) =>
        calls.RunAsync(MemoryOperations.CloseOne, request, request.SessionId, context);

    public override Task<UnlinkSegmentResponse> UnlinkSegment(
        UnlinkSegmentRequest request, ServerCallContext context) =>
        calls.RunAsync(MemoryOperations.Unlink, request, context);

    public override async Task<ListSegmentsResponse> ListSegments(
        ListSegmentsRequest request, ServerCallContext context)
    {
        SegmentId? after = null;
        if (request.PageToken.Length > 0)
        {
            after = ulong.TryParse(request.PageToken, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number < ulong.MaxValue
                ? new SegmentId(number)
                : throw RpcErrors.InvalidCall(
                    "page_token", "page_token is none that this daemon has given. Begin again without one.");
        }

        var page = await broker.AskAsync<Response.SegmentPage>(
            id => new Command.ListSegments(id, PageSize.Of(request.PageSize), after), context.CancellationToken);
        var response = new ListSegmentsResponse { NextPageToken = page.Next?.ToString() ?? "" };
        foreach (var segment in page.Segments)
        {
            response.Segments.Add(new SegmentInfo
            {
                Segment = MemoryOperations.ToWire(segment, options.Segments.Directory),
                Users = { segment.Users },
                TaskId = segment.Task.Value,
                CreatedAt = ProtoMapping.ToWire(segment.CreatedAt),
            });
        }

        return response;
    }
}
