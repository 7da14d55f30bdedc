using Grpc.Core;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>Sessions; the stream itself is in SessionStream.cs.</summary>
internal sealed class SessionGrpcService(
    BrokerGateway broker,
    SessionRegistry sessions,
    BrokerLoopOptions options,
    OpenCalls calls,
    OperationCalls operations)
    : SessionService.SessionServiceBase
{
    public override async Task OpenSession(
        IAsyncStreamReader<OpenSessionRequest> requestStream,
        IServerStreamWriter<OpenSessionResponse> responseStream,
        ServerCallContext context)
    {
        if (!sessions.TryOpenStream(options.SessionsMax)) throw RpcErrors.ToException(SessionRegistry.Full(options));
        try
        {
            using var end = new CallEnd(context, calls);
            await using var session = new SessionStream(broker, sessions, options);
            await session.RunAsync(requestStream, responseStream, end);
        }
        finally
        {
            sessions.CloseStream();
        }
    }

    public override Task<WaitAnyResponse> WaitAny(WaitAnyRequest request, ServerCallContext context) =>
        operations.RunAsync(WaitOperations.WaitAny, request, request.SessionId, context);
}
