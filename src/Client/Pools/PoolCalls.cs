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
        return (await daemon.CallAsync(daemon.Pools.CreatePoolAsync, request, cancellationToken).ConfigureAwait(false)).Pool.ToInfo();
    }

    public async Task<PoolInfo> GetAsync(string name, CancellationToken cancellationToken)
    {
        var request = new Proto.GetPoolRequest { Name = name };
        return (await daemon.CallAsync(daemon.Pools.GetPoolAsync, request, cancellationToken).ConfigureAwait(false)).Pool.ToInfo();
    }

    public IAsyncEnumerable<PoolInfo> ListAsync(CancellationToken cancellationToken) => daemon.ListAsync(
        daemon.Pools.ListPoolsAsync,
        (size, token) => new Proto.ListPoolsRequest { PageSize = (uint)size, PageToken = token },
        page => (page.Pools.Select(PoolMapping.ToInfo), page.NextPageToken),
        cancellationToken);

    public async Task<PoolInfo> ScaleAsync(string name, int size, CancellationToken cancellationToken)
    {
        var request = new Proto.ScalePoolRequest { Name = name, Size = size.ToCount("size") };
        return (await daemon.CallAsync(daemon.Pools.ScalePoolAsync, request, cancellationToken).ConfigureAwait(false)).Pool.ToInfo();
    }

    public async Task<PoolInfo> ReloadAsync(string name, CancellationToken cancellationToken)
    {
        var request = new Proto.ReloadPoolRequest { Name = name };
        return (await daemon.CallAsync(daemon.Pools.ReloadPoolAsync, request, cancellationToken).ConfigureAwait(false)).Pool.ToInfo();
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        daemon.CallAsync(daemon.Pools.DeletePoolAsync, new Proto.DeletePoolRequest { Name = name }, cancellationToken);
}

/// <summary>Workers over the daemon's calls.</summary>
internal sealed class WorkerCalls(DaemonCalls daemon) : IWorkers
{
    public IAsyncEnumerable<WorkerInfo> ListAsync(string? pool, CancellationToken cancellationToken) => daemon.ListAsync(
        daemon.Pools.ListWorkersAsync,
        (size, token) => new Proto.ListWorkersRequest { Pool = pool ?? "", PageSize = (uint)size, PageToken = token },
        page => (page.Workers.Select(PoolMapping.ToInfo), page.NextPageToken),
        cancellationToken);

    public async Task<WorkerInfo> StopAsync(string workerId, bool kill, CancellationToken cancellationToken)
    {
        var request = new Proto.StopWorkerRequest { WorkerId = workerId, Kill = kill };
        return (await daemon.CallAsync(daemon.Pools.StopWorkerAsync, request, cancellationToken).ConfigureAwait(false)).Worker.ToInfo();
    }
}
