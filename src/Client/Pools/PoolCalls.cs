using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>Pools over the daemon's calls.</summary>
internal sealed class PoolCalls(DaemonCalls daemon) : IPools
{
    public async Task<PoolInfo> CreateAsync(PoolSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var request = new Proto.CreatePoolRequest { Pool = spec.ToWire() };
        return (
            await daemon.CallAsync(
                daemon.Pools.CreatePoolAsync, request, cancellationToken).ConfigureAwait(false)).Pool.ToInfo();
    }

    public Task<PoolInfo> GetAsync(string name, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.Pools.GetPoolAsync,
        new Proto.GetPoolRequest { Name = name },
        response => response.Pool.ToInfo(),
        cancellationToken);

    public IAsyncEnumerable<PoolInfo> ListAsync(CancellationToken cancellationToken) => daemon.ListAsync(
        daemon.Pools.ListPoolsAsync,
        (size, token) => new Proto.ListPoolsRequest { PageSize = (uint)size, PageToken = token },
        page => (page.Pools.Select(PoolMapping.ToInfo), page.NextPageToken),
        cancellationToken);

    public Task<PoolInfo> ScaleAsync(string name, int size, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.Pools.ScalePoolAsync,
        new Proto.ScalePoolRequest { Name = name, Size = size.ToCount("size") },
        response => response.Pool.ToInfo(),
        cancellationToken);

    public Task<PoolInfo> ReloadAsync(string name, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.Pools.ReloadPoolAsync,
        new Proto.ReloadPoolRequest { Name = name },
        response => response.Pool.ToInfo(),
        cancellationToken);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        daemon.CallAsync(daemon.Pools.DeletePoolAsync, new Proto.DeletePoolRequest { Name = name }, cancellationToken);
}

/// <summary>Workers over the daemon's calls.</summary>
internal sealed class WorkerCalls(DaemonCalls daemon) : IWorkers
{
    public IAsyncEnumerable<WorkerInfo> ListAsync(string? pool, CancellationToken cancellationToken) =>
        daemon.ListAsync(
        daemon.Pools.ListWorkersAsync,
        (size, token) => new Proto.ListWorkersRequest { Pool = pool ?? "", PageSize = (uint)size, PageToken = token },
        page => (page.Workers.Select(PoolMapping.ToInfo), page.NextPageToken),
        cancellationToken);

    public Task<WorkerInfo> StopAsync(string workerId, bool kill, CancellationToken cancellationToken) =>
        daemon.CallAsync(
        daemon.Pools.StopWorkerAsync,
        new Proto.StopWorkerRequest { WorkerId = workerId, Kill = kill },
        response => response.Worker.ToInfo(),
        cancellationToken);
}
