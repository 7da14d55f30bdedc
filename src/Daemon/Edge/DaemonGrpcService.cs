using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Daemon.Storage;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal sealed class DaemonGrpcService(
    BrokerGateway broker, BrokerLoop loop, SessionRegistry sessions, IStore store, BrokerLoopOptions options)
    : DaemonService.DaemonServiceBase
{
    public override async Task<GetStatusResponse> GetStatus(GetStatusRequest request, ServerCallContext context)
    {
        var status = await broker.AskAsync<Response.Status>(
            id => new Command.GetStatus(id, WithViews: false), context.CancellationToken);
        var counts = status.Counts;
        return new GetStatusResponse
        {
            Version = options.Version,
            ProcessId = (uint)Environment.ProcessId,
            StartedAt = ProtoMapping.ToWire(loop.StartedAt),
            Draining = counts.Draining,
            Endpoints = { options.Endpoints },
            DataDirectory = options.DataDirectory,
            QueueCount = (uint)counts.Queues,
            PoolCount = (uint)counts.Pools,
            WorkerCount = (uint)counts.Workers,
            OpenTaskCount = (ulong)counts.OpenTasks,
            FinishedTaskCount = (ulong)counts.FinishedTasks,
            RunningTaskCount = (ulong)counts.RunningTasks,
            Limits = { LimitNames.All(options) },
            SessionCount = (uint)sessions.StreamCount,
            Problems = { counts.Problems, store.Problems },
        };
    }
}
