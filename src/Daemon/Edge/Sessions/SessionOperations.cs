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
            default:
                stream.Refuse(operation.Tag, RpcErrors.ToStatus(RpcErrors.Invalid(
                    "operations.operation",
                    $"The operation with the tag {operation.Tag} is none that this daemon knows.")));
                return ValueTask.CompletedTask;
        }
    }
}
