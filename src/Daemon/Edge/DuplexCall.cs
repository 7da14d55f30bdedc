using Grpc.Core;

namespace Queued.Daemon.Edge;

/// <summary>
/// Runs the two halves of a stream side by side: one reader, one writer, and the end of one is the end of both.
/// </summary>
internal static class DuplexCall
{
    /// <summary>
    /// How long a write that is under way may take once the call has ended; after it the connection is cut.
    /// </summary>
    private static readonly TimeSpan LastWriteTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Ends when the peer has said all it wanted to say and what waits for it was written.</summary>
    public static async Task RunAsync<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requests,
        Func<TRequest, CancellationToken, Task> take,
        Outbox<TResponse> outbox,
        IServerStreamWriter<TResponse> responses,
        CallEnd end)
        where TResponse : class
    {
        using var abort = new CancellationTokenSource();
        var writing = WriteAsync(outbox, responses, end, abort.Token);
        try
        {
            while (true)
            {
                bool isThere;
                try
                {
                    isThere = await requests.MoveNext(end.Token);
                }
                catch (IOException)
                {
                    throw Gone(end);
                }

                if (!isThere) break;
                await take(requests.Current, end.Token);
            }

            outbox.Complete();
            await writing;
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            throw end.Reason();
        }
        finally
        {
            end.Cancel();
            abort.CancelAfter(LastWriteTimeout);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The peer has gone. Whether the token says so already is a matter of luck.</summary>
    private static RpcException Gone(CallEnd end) => end.Token.IsCancellationRequested
        ? end.Reason()
        : new RpcException(new Status(StatusCode.Cancelled, "The connection of the caller has ended."));

    private static async Task WriteAsync<TResponse>(
        Outbox<TResponse> outbox, IServerStreamWriter<TResponse> responses, CallEnd end, CancellationToken abort)
        where TResponse : class
    {
        try
        {
            await outbox.RunAsync(responses, end.Token, abort);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The reader would wait for a peer that hears nothing any more.
            end.Fail(exception as RpcException ?? new RpcException(
                new Status(StatusCode.Unavailable, "The stream broke.", exception)));
            throw;
        }
    }
}
