using Grpc.Core;
using Queued.Broker;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal sealed class PoolGrpcService(BrokerGateway broker, ExecPolicy exec) : PoolService.PoolServiceBase
{
    public override async Task<CreatePoolResponse> CreatePool(CreatePoolRequest request, ServerCallContext context)
    {
        exec.RequireForPool(context);
        if (request.Pool is null) throw RpcErrors.InvalidCall("pool", "pool is not set. It says which pool to make.");

        var check = new FieldCheck(FieldPath.Pool);
        var settings = ProtoMapping.ToSettings(request.Pool, ref check);
        check.ThrowIfBad();
        var response = await broker.AskAsync<Response.OnePool>(
            id => new Command.CreatePool(id, settings),
            context.CancellationToken,
            rejection => FieldPath.Under(FieldPath.Pool, rejection));
        return new CreatePoolResponse { Pool = ProtoMapping.ToWire(response.Pool) };
    }

    public override async Task<GetPoolResponse> GetPool(GetPoolRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.OnePool>(
            id => new Command.GetPool(id, request.Name), context.CancellationToken);
        return new GetPoolResponse { Pool = ProtoMapping.ToWire(response.Pool) };
    }

    public override async Task<ListPoolsResponse> ListPools(ListPoolsRequest request, ServerCallContext context)
    {
        var page = await broker.AskAsync<Response.PoolPage>(
            id => new Command.ListPools(id, PageSize.Of(request.PageSize), request.PageToken),
            context.CancellationToken);
        var response = new ListPoolsResponse { NextPageToken = page.Next };
        foreach (var pool in page.Pools) response.Pools.Add(ProtoMapping.ToWire(pool));
        return response;
    }

    public override async Task<ScalePoolResponse> ScalePool(ScalePoolRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.OnePool>(
            id => new Command.ScalePool(id, request.Name, FieldCheck.Int(request.Size)), context.CancellationToken);
        return new ScalePoolResponse { Pool = ProtoMapping.ToWire(response.Pool) };
    }

    public override async Task<ReloadPoolResponse> ReloadPool(ReloadPoolRequest request, ServerCallContext context)
    {
        var response = await broker.AskAsync<Response.OnePool>(
            id => new Command.ReloadPool(id, request.Name), context.CancellationToken);
        return new ReloadPoolResponse { Pool = ProtoMapping.ToWire(response.Pool) };
    }

    public override async Task<DeletePoolResponse> DeletePool(DeletePoolRequest request, ServerCallContext context)
    {
        await broker.AskAsync<Response.Done>(id => new Command.DeletePool(id, request.Name), context.CancellationToken);
        return new DeletePoolResponse();
    }

    public override async Task<ListWorkersResponse> ListWorkers(ListWorkersRequest request, ServerCallContext context)
    {
        var check = new FieldCheck("");
        WorkerId? after = request.PageToken.Length == 0 ? null : check.Worker(request.PageToken, "page_token");
        check.ThrowIfBad();
        var page = await broker.AskAsync<Response.WorkerPage>(
            id => new Command.ListWorkers(id, request.Pool, PageSize.Of(request.PageSize), after),
            context.CancellationToken,
            FieldPath.OfPool);
        var response = new ListWorkersResponse { NextPageToken = page.Next?.ToString() ?? "" };
        foreach (var worker in page.Workers) response.Workers.Add(ProtoMapping.ToWire(worker));
        return response;
    }

    public override async Task<StopWorkerResponse> StopWorker(StopWorkerRequest request, ServerCallContext context)
    {
        var check = new FieldCheck("");
        var worker = check.Worker(request.WorkerId, "worker_id");
        check.ThrowIfBad();
        var response = await broker.AskAsync<Response.OneWorker>(
            id => new Command.StopWorker(id, worker, request.Kill), context.CancellationToken);
        return new StopWorkerResponse { Worker = ProtoMapping.ToWire(response.Worker) };
    }
}
