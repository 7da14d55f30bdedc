using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Queued.Daemon.Edge.Streams;
using Queued.Daemon.Logs;
using Queued.Daemon.Loop;
using Queued.Daemon.Memory;
using Queued.Daemon.Storage;
using Queued.Daemon.Supervision;
using Queued.Protocol.V1;
using RpcDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Queued.Daemon.Edge;

/// <summary>The broker and its services, for whoever composes a host. What is registered before is kept.</summary>
internal static class BrokerEndpoints
{
    // Named one by one: what finds them by itself does so by reflection, which native AOT trims.
    private static readonly RpcDescriptor[] Descriptors =
    [
        TaskService.Descriptor, QueueService.Descriptor, PoolService.Descriptor, WorkerService.Descriptor,
        DaemonService.Descriptor, SessionService.Descriptor, MessageService.Descriptor, PipeService.Descriptor,
        StateService.Descriptor, MemoryService.Descriptor, Health.Descriptor,
    ];

    private static readonly string[] ServiceNames = ["", .. Descriptors.Select(service => service.FullName)];

    /// <summary>Needs a <see cref="SupervisorOptions"/>, or an <see cref="IWorkerProcesses"/> of its own.</summary>
    public static void AddBroker(this IServiceCollection services, BrokerLoopOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IBrokerObserver, SilentObserver>();
        services.TryAddSingleton<IStore, MemoryStore>();
        services.AddSingleton(options);
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<WorkerRegistry>();
        services.AddSingleton(provider => new TaskLogStore(
            options.LogBytesPerAttempt, options.LogBytesTotal, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SupervisionBridge>();
        services.AddSingleton<ISupervisionEvents>(provider => provider.GetRequiredService<SupervisionBridge>());
        services.TryAddSingleton(provider => new Supervisor(
            provider.GetRequiredService<SupervisorOptions>(),
            provider.GetRequiredService<ISupervisionEvents>(),
            provider.GetRequiredService<ILogger<Supervisor>>()));
        services.TryAddSingleton<IWorkerProcesses, SupervisedProcesses>();
        services.AddSingleton(provider => new SegmentFiles(
            options.Segments, provider.GetRequiredService<ILogger<SegmentFiles>>()));
        services.AddSingleton<EffectRunner>();
        services.AddSingleton<BrokerLoop>();
        services.AddSingleton<BrokerGateway>();
        services.AddSingleton<OperationCalls>();
        services.AddSingleton<ExecPolicy>();
        services.AddHostedService<BrokerService>();
        services.AddSingleton<OpenCalls>();
        services.AddHostedService(provider => provider.GetRequiredService<OpenCalls>());
        services.AddSingleton<HealthServiceImpl>();
        services.AddSingleton<TaskGrpcService>();
        services.AddSingleton<SessionGrpcService>();
        services.AddSingleton<WorkerGrpcService>();
        services.AddSingleton<UnknownErrorInterceptor>();
        services.AddSingleton<StreamCalls>();
        services.AddGrpc(grpc =>
        {
            grpc.EnableDetailedErrors = false;
            grpc.MaxReceiveMessageSize = options.MessageBytesMax;
            grpc.MaxSendMessageSize = null;
            grpc.Interceptors.Add<UnknownErrorInterceptor>();
        });
        services.AddRpcs();
        services.AddSingleton(new ReflectionServiceImpl(Descriptors));
        services.AddSingleton(new ReflectionV1ServiceImpl(Descriptors));
    }

    public static void MapBroker(this WebApplication app)
    {
        app.Use(UndecodableRequests.RunAsync);
        app.MapGrpcService<TaskGrpcService>();
        app.MapGrpcService<QueueGrpcService>();
        app.MapGrpcService<PoolGrpcService>();
        app.MapGrpcService<WorkerGrpcService>();
        app.MapGrpcService<DaemonGrpcService>();
        app.MapGrpcService<SessionGrpcService>();
        app.MapGrpcService<MessageGrpcService>();
        app.MapGrpcService<StateGrpcService>();
        app.MapGrpcService<MemoryGrpcService>();
        app.MapGrpcService<PipeGrpcService>();
        app.MapGrpcService<HealthServiceImpl>();
        app.MapGrpcService<ReflectionServiceImpl>();
        app.MapGrpcService<ReflectionV1ServiceImpl>();
        SetHealth(app.Services.GetRequiredService<HealthServiceImpl>(), isServing: true);
    }

    /// <summary>What grpc.health.v1 says of the daemon and of each of its services.</summary>
    public static void SetHealth(HealthServiceImpl health, bool isServing)
    {
        foreach (var name in ServiceNames)
        {
            health.SetStatus(name, isServing ? ServingStatus.Serving : ServingStatus.NotServing);
        }
    }
}
