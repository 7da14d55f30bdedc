using System.Threading.Channels;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Cli.Tests.Scripted;

/// <summary>One queue, <c>paused</c>, in which nothing starts; every other one is not there.</summary>
internal sealed class ScriptedQueues : QueueService.QueueServiceBase
{
    /// <summary>Names of queues as they are asked for.</summary>
    public Channel<string> Asked { get; } = Channel.CreateUnbounded<string>();

    public override Task<GetQueueResponse> GetQueue(GetQueueRequest request, ServerCallContext context)
    {
        Asked.Writer.TryWrite(request.Name);
        return request.Name == "paused"
            ? Task.FromResult(new GetQueueResponse
            {
                Queue = new QueueInfo { Name = request.Name, State = QueueState.Paused, Policy = new() },
            })
            : throw new RpcException(new Status(StatusCode.NotFound, "no"));
    }
}

/// <summary>No pools and no workers.</summary>
internal sealed class ScriptedPools : PoolService.PoolServiceBase
{
    public override Task<ListWorkersResponse> ListWorkers(ListWorkersRequest request, ServerCallContext context) =>
        Task.FromResult(new ListWorkersResponse());
}
