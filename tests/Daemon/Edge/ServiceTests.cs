using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.DependencyInjection;
using Queued.Daemon.Edge;
using Queued.Protocol.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Queued.Daemon.Tests.Edge;

/// <summary>What every gRPC tool expects of a server.</summary>
public sealed class ServiceTests : IAsyncLifetime
{
    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("queued.v1.TaskService")]
    [InlineData("queued.v1.QueueService")]
    [InlineData("queued.v1.PoolService")]
    [InlineData("queued.v1.WorkerService")]
    [InlineData("queued.v1.DaemonService")]
    public async Task Every_service_tells_its_health(string service)
    {
        var health = new Health.HealthClient(_host.Open());
        var request = new HealthCheckRequest { Service = service };
        Assert.Equal(ServingStatus.Serving, (await health.CheckAsync(request)).Status);

        BrokerEndpoints.SetHealth(_host.Services.GetRequiredService<HealthServiceImpl>(), isServing: false);
        Assert.Equal(ServingStatus.NotServing, (await health.CheckAsync(request)).Status);
    }

    [Fact]
    public async Task Reflection_names_every_service()
    {
        using var call = new ServerReflection.ServerReflectionClient(_host.Open()).ServerReflectionInfo();
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" });
        Assert.True(await call.ResponseStream.MoveNext(default));
        var names = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name);
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(default));

        Assert.Superset(
            new HashSet<string>
            {
                "queued.v1.TaskService", "queued.v1.QueueService", "queued.v1.PoolService", "queued.v1.WorkerService",
                "queued.v1.DaemonService", "grpc.health.v1.Health",
            },
            names.ToHashSet());
    }

    [Fact]
    public async Task A_call_that_is_not_there_is_unimplemented()
    {
        var method = new Method<GetStatusRequest, GetStatusResponse>(
            MethodType.Unary,
            "queued.v1.DaemonService",
            "Nothing",
            Marshallers.Create(_ => Array.Empty<byte>(), _ => new GetStatusRequest()),
            Marshallers.Create(_ => Array.Empty<byte>(), _ => new GetStatusResponse()));
        var call = _host.Open().CreateCallInvoker().AsyncUnaryCall(method, null, default, new GetStatusRequest());
        var exception = await Assert.ThrowsAsync<RpcException>(async () => await call);

        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
    }
}
