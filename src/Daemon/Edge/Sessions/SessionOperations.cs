using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>Which operation of a session is which.</summary>
internal static class SessionOperations
{
    public static ValueTask StartAsync(
        SessionStream stream, SessionOperation operation, CancellationToken cancellationToken)
    {
        switch (operation.OperationCase)
        {
            case SessionOperation.OperationOneofCase.PutMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Put, operation.PutMessages,
                    static (result, put) => result.PutMessages = put, cancellationToken);
            case SessionOperation.OperationOneofCase.GetMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Get, operation.GetMessages,
                    static (result, given) => result.GetMessages = given, cancellationToken);
            case SessionOperation.OperationOneofCase.SettleMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Settle, operation.SettleMessages,
                    static (result, settled) => result.SettleMessages = settled, cancellationToken);
            case SessionOperation.OperationOneofCase.PeekMessages:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Peek, operation.PeekMessages,
                    static (result, shown) => result.PeekMessages = shown, cancellationToken);
            case SessionOperation.OperationOneofCase.JoinQueue:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Join, operation.JoinQueue,
                    static (result, joined) => result.JoinQueue = joined, cancellationToken);
            case SessionOperation.OperationOneofCase.UseQueue:
                return stream.StartAsync(
                    operation.Tag, MessageOperations.Use, operation.UseQueue,
                    static (result, used) => result.UseQueue = used, cancellationToken);
            default:
                stream.Refuse(operation.Tag, RpcErrors.ToStatus(RpcErrors.Invalid(
                    "operations.operation",
                    $"The operation with the tag {operation.Tag} is none that this daemon knows.")));
                return ValueTask.CompletedTask;
        }
    }
}
