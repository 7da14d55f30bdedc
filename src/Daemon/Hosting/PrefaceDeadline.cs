using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Queued.Daemon.Hosting;

/// <summary>
/// A connection that says nothing would keep its place for as long as an idle one may, which is for good. So the first
/// words of HTTP/2 have a deadline; what has begun is left alone.
/// </summary>
internal sealed class PrefaceDeadline(TimeProvider time, ILogger<PrefaceDeadline> logger)
{
    /// <summary>Bytes with which every client of HTTP/2 begins.</summary>
    public const int PrefaceLength = 24;

    /// <summary>Long enough for a client that starts on a busy machine.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        if (await BeginsAsync(connection)) await next(connection);
    };

    private async Task<bool> BeginsAsync(ConnectionContext connection)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        var closing = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, closing ?? default);
        var input = connection.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(end.Token);
                var isEnough = read.Buffer.Length >= PrefaceLength;

                // Nothing is taken, so whoever serves the connection reads it again.
                input.AdvanceTo(read.Buffer.Start, isEnough ? read.Buffer.Start : read.Buffer.End);
                if (isEnough || read.IsCompleted || read.IsCanceled) return isEnough;
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            if (deadline.IsCancellationRequested) logger.SaidNothing(connection.ConnectionId, Timeout);
            return false;
        }
        catch (IOException)
        {
            // The peer has gone, or the server closes: either way there is nobody to serve.
            return false;
        }
    }
}

internal static partial class PrefaceDeadlineLog
{
    [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} was closed: it said nothing for {Timeout}")]
    public static partial void SaidNothing(this ILogger logger, string connectionId, TimeSpan timeout);
}
