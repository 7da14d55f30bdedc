using System.Globalization;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal sealed class QueueGrpcService(BrokerGateway broker, BrokerLoopOptions options) : QueueService.QueueServiceBase
{
    public override async Task<DeclareQueueResponse> DeclareQueue(
        DeclareQueueRequest request, ServerCallContext context)
    {
        var check = new FieldCheck("");
        var settings = ProtoMapping.ToSettings(request.Policy, options.HasStore, ref check);
        check.ThrowIfBad();
        var response = await broker.AskAsync<Response.OneQueue>(
            id => new Command.DeclareQueue(id, request.Name, settings), context.CancellationToken, FieldPath.InQueue);
        return new DeclareQueueResponse { Queue = ProtoMapping.ToWire(response.Queue) };
    }

    public override async Task<GetQueueResponse> GetQueue(GetQueueRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.OneQueue>(
            id => new Command.GetQueue(id, request.Name), context.CancellationToken, FieldPath.OfQueue);
        return new GetQueueResponse { Queue = ProtoMapping.ToWire(response.Queue) };
    }

    public override async Task<ListQueuesResponse> ListQueues(ListQueuesRequest request, ServerCallContext context)
    {
        var page = await broker.AskAsync<Response.QueuePage>(
            id => new Command.ListQueues(id, PageSize.Of(request.PageSize), request.PageToken),
            context.CancellationToken);
        var response = new ListQueuesResponse { NextPageToken = page.Next };
        foreach (var queue in page.Queues) response.Queues.Add(ProtoMapping.ToWire(queue));
        return response;
    }

    public override async Task<PauseQueueResponse> PauseQueue(PauseQueueRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.OneQueue>(
            id => new Command.PauseQueue(id, request.Name), context.CancellationToken, FieldPath.OfQueue);
        return new PauseQueueResponse { Queue = ProtoMapping.ToWire(response.Queue) };
    }

    public override async Task<ResumeQueueResponse> ResumeQueue(ResumeQueueRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.OneQueue>(
            id => new Command.ResumeQueue(id, request.Name), context.CancellationToken, FieldPath.OfQueue);
        return new ResumeQueueResponse { Queue = ProtoMapping.ToWire(response.Queue) };
    }

    public override async Task<DrainQueueResponse> DrainQueue(DrainQueueRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.OneQueue>(
            id => new Command.DrainQueue(id, request.Name), context.CancellationToken, FieldPath.OfQueue);
        return new DrainQueueResponse { Queue = ProtoMapping.ToWire(response.Queue) };
    }

    public override async Task<PurgeQueueResponse> PurgeQueue(PurgeQueueRequest request, ServerCallContext context)
    {
        // Step by step, so that others have their turn in between; and no further than the queue was at first, or a
        // busy submitter would keep it going for ever.
        var (purged, wanted) = (0L, long.MaxValue);
        while (purged < wanted)
        {
            var step = await broker.AskAsync<Response.Purged>(
                id => new Command.PurgeQueue(id, request.Name), context.CancellationToken, FieldPath.OfQueue);
            purged += step.Count;
            wanted = step.Left == 0 ? purged : Math.Min(wanted, purged + step.Left);
        }

        return new PurgeQueueResponse { PurgedCount = (ulong)purged };
    }

    public override async Task<DeleteQueueResponse> DeleteQueue(DeleteQueueRequest request, ServerCallContext context)
    {
        // Step by step, as above. One that has got a task meanwhile is refused, and keeps the letters that are left.
        while ((await broker.AskAsync<Response.QueueDeleted>(
            id => new Command.DeleteQueue(id, request.Name), context.CancellationToken, FieldPath.OfQueue)).Left > 0)
        {
        }

        return new DeleteQueueResponse();
    }

    public override async Task<ListDeadResponse> ListDead(ListDeadRequest request, ServerCallContext context)
    {
        var check = new FieldCheck("");
        var after = check.TaskToken(request.PageToken, "page_token");
        check.ThrowIfBad();
        var page = await broker.AskAsync<Response.DeadPage>(
            id => new Command.ListDead(id, request.Queue, PageSize.Of(request.PageSize), after?.Value),
            context.CancellationToken);
        var response = new ListDeadResponse { NextPageToken = page.Next?.ToString(CultureInfo.InvariantCulture) ?? "" };
        foreach (var task in page.Tasks) response.Tasks.Add(ProtoMapping.ToWire(task));
        return response;
    }

    public override async Task<RequeueDeadResponse> RequeueDead(RequeueDeadRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.Requeued>(
            id => new Command.RequeueDead(id, request.Queue, [.. request.TaskIds.Select(task => new TaskId(task))]),
            context.CancellationToken);
        return new RequeueDeadResponse { TaskIds = { response.Tasks.Select(task => task.Value) } };
    }
}
