using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Queued.Daemon.Edge;

/// <summary>
/// An exception that nobody expected becomes INTERNAL without details, and one line in the log with all of them. A
/// message of a stream that cannot be decoded is its sender's fault.
/// </summary>
internal sealed partial class UnknownErrorInterceptor(ILogger<UnknownErrorInterceptor> logger) : Interceptor
{
    private readonly ILogger<UnknownErrorInterceptor> _logger = logger;

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translate(exception, context);
        }
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translate(exception, context);
        }
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw Translate(exception, context);
        }
    }

    /// <summary>What the caller hears of an exception that is none of the contract's.</summary>
    public RpcException Translate(Exception exception, ServerCallContext context)
    {
        // Whatever a call throws once its caller has gone tells of that, and nobody hears the answer.
        if (context.CancellationToken.IsCancellationRequested)
        {
            return new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled."));
        }

        if (exception is InvalidProtocolBufferException undecodable) return Undecodable(undecodable);

        LogUnknown(exception, context.Method);
        return RpcErrors.Create(RpcErrors.Internal, "The daemon failed at this call. Its log has more.");
    }

    /// <summary>What its sender hears of a message that is none of the contract.</summary>
    public static RpcException Undecodable(InvalidProtocolBufferException exception) =>
        RpcErrors.InvalidCall("message", $"The message is not what the protocol says: {exception.Message}");

    [LoggerMessage(1, LogLevel.Error, "{Method} failed.")]
    private partial void LogUnknown(Exception exception, string method);
}
