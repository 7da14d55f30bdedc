using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Daemon.Storage;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal sealed class DaemonGrpcService(
    BrokerGateway broker, BrokerLoop loop, SessionRegistry sessions, IStore store, ExecPolicy policy,
    BrokerLoopOptions options)
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

    public override async Task<BackupResponse> Backup(BackupRequest request, ServerCallContext context)
    {
        policy.RequireForBackup(context);
        if (!request.Path.StartsWith('/') || request.Path.EndsWith('/') || request.Path.Contains('\0'))
            throw RpcErrors.InvalidCall("path", "path must be the absolute path of a file.");
        try
        {
            var bytes = await store.BackupAsync(request.Path, context.CancellationToken);
            return new BackupResponse { SizeBytes = (ulong)bytes };
        }
        catch (BackupFailedException e)
        {
            throw RpcErrors.Create(RpcErrors.BackupFailed, e.Message, resource: request.Path);
        }
    }
}
