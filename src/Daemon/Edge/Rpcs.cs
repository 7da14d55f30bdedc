using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Queued.Daemon.Edge;

/// <summary>Takes the calls of a service, each with types that are known when it is compiled.</summary>
internal sealed class Rpcs<[DynamicallyAccessedMembers(RpcTable.Kept)] TService>(
    string service, ServiceMethodProviderContext<TService> context)
    where TService : class
{
    private static readonly HttpMethodMetadata Post = new([HttpMethods.Post]);

    public void Unary<TRequest, TResponse>(string name, UnaryServerMethod<TService, TRequest, TResponse> invoke)
        where TRequest : class, IMessage<TRequest>, IBufferMessage, new()
        where TResponse : class, IMessage<TResponse>, IBufferMessage, new() =>
        context.AddUnaryMethod(Method<TRequest, TResponse>(MethodType.Unary, name), [Post], invoke);

    public void Streamed<TRequest, TResponse>(
        string name, ServerStreamingServerMethod<TService, TRequest, TResponse> invoke)
        where TRequest : class, IMessage<TRequest>, IBufferMessage, new()
        where TResponse : class, IMessage<TResponse>, IBufferMessage, new() =>
        context.AddServerStreamingMethod(
            Method<TRequest, TResponse>(MethodType.ServerStreaming, name), [Post], invoke);

    public void Duplex<TRequest, TResponse>(
        string name, DuplexStreamingServerMethod<TService, TRequest, TResponse> invoke)
        where TRequest : class, IMessage<TRequest>, IBufferMessage, new()
        where TResponse : class, IMessage<TResponse>, IBufferMessage, new() =>
        context.AddDuplexStreamingMethod(
            Method<TRequest, TResponse>(MethodType.DuplexStreaming, name), [Post], invoke);

    private Method<TRequest, TResponse> Method<TRequest, TResponse>(MethodType type, string name)
        where TRequest : class, IMessage<TRequest>, IBufferMessage, new()
        where TResponse : class, IMessage<TResponse>, IBufferMessage, new() =>
        new(type, service, name, Messages<TRequest>.Marshaller, Messages<TResponse>.Marshaller);

    private static class Messages<T>
        where T : class, IMessage<T>, IBufferMessage, new()
    {
        private static readonly MessageParser<T> Parser = new(() => new T());

        public static readonly Marshaller<T> Marshaller = Marshallers.Create(Write, Read);

        private static void Write(T message, SerializationContext output)
        {
            output.SetPayloadLength(message.CalculateSize());
            message.WriteTo(output.GetBufferWriter());
            output.Complete();
        }

        private static T Read(DeserializationContext input) =>
            Parser.ParseFrom(input.PayloadAsReadOnlySequence());
    }
}
