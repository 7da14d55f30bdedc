using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Health.V1;
using Queued.Protocol.V1;
using Reflection = Grpc.Reflection.V1.ServerReflection;
using ReflectionAlpha = Grpc.Reflection.V1Alpha.ServerReflection;
using RpcDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Queued.Daemon.Tests.Edge;

public sealed class RpcTableTests
{
    private static readonly RpcDescriptor[] Contract =
    [
        TaskService.Descriptor, QueueService.Descriptor, PoolService.Descriptor, WorkerService.Descriptor,
        DaemonService.Descriptor, SessionService.Descriptor, MessageService.Descriptor, PipeService.Descriptor,
        StateService.Descriptor, MemoryService.Descriptor, Health.Descriptor, Reflection.Descriptor,
        ReflectionAlpha.Descriptor,
    ];

    [Fact]
    public async Task Every_call_of_the_contract_is_served_with_its_own_messages_and_no_other_call()
    {
        await using var host = await BrokerHost.StartAsync();
        var served = host.Routes
            .SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method)
            .OfType<IMethod>()
            .Select(method => $"{method.FullName} {method.Type} {string.Join(' ', Messages(method))}");

        var asked = Contract.SelectMany(service => service.Methods).Select(method =>
            $"/{method.Service.FullName}/{method.Name} {TypeOf(method.IsClientStreaming, method.IsServerStreaming)} " +
            $"{method.InputType.ClrType} {method.OutputType.ClrType}");

        Assert.Equal(asked.Order(StringComparer.Ordinal), served.Distinct().Order(StringComparer.Ordinal));
    }

    private static Type[] Messages(IMethod method) => method.GetType().GetGenericArguments();

    private static MethodType TypeOf(bool isClientStreaming, bool isServerStreaming) =>
        (isClientStreaming, isServerStreaming) switch
        {
            (true, true) => MethodType.DuplexStreaming,
            (true, false) => MethodType.ClientStreaming,
            (false, true) => MethodType.ServerStreaming,
            _ => MethodType.Unary,
        };
}
