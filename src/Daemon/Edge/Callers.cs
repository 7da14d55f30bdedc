using Grpc.Core;
using Queued.Daemon.Edge.Streams;

namespace Queued.Daemon.Edge;

/// <summary>Who calls, and how.</summary>
internal static class Callers
{
    /// <summary>Came through a socket's file and its mode. Only TCP has an address.</summary>
    public static bool IsLocal(this ServerCallContext context) =>
        context is StreamCallContext || context.GetHttpContext().Connection.RemoteIpAddress is null;

    /// <summary>Called once the last word of the call has been handed to its connection.</summary>
    public static void OnCompleted(this ServerCallContext context, Action completed)
    {
        if (context is StreamCallContext stream)
        {
            stream.OnCompleted(completed);
            return;
        }

        context.GetHttpContext().Response.OnCompleted(() =>
        {
            completed();
            return Task.CompletedTask;
        });
    }
}
