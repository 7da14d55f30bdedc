using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Hosting;

/// <summary>
/// The way out: no new tasks and every worker drains; after the drain timeout, or when somebody insists, the rest is
/// killed. Whatever happens, it ends.
/// </summary>
internal sealed class StagedShutdown(
    BrokerLoop loop, ShutdownRequests requests, TimeSpan drainTimeout, ILogger<StagedShutdown> logger)
{
    // SIGKILL needs no time of its own; this is for a process that the kernel cannot end, such as one on a dead disk.
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(10);

    /// <summary>From the end of the drain timeout to SIGKILL, whatever the graces of the pools add up to.</summary>
    private static readonly TimeSpan LadderTimeout = TimeSpan.FromSeconds(30);

    public async Task RunAsync()
    {
        try
        {
            if (!await TellAsync(new Command.BeginShutdown(drainTimeout)) || await DrainAsync()
                || !await TellAsync(new Command.ShutdownNow()))
            {
                return;
            }

            await loop.ShutdownCompleted.WaitAsync(KillTimeout);
        }
        catch (TimeoutException)
        {
            logger.WorkersLeft(KillTimeout);
        }
        catch (BrokerStoppedException e)
        {
            logger.BrokerGone(e);
        }
    }

    /// <summary>False: the broker waits for its disk, and takes nothing until that is over.</summary>
    private async Task<bool> TellAsync(Command command)
    {
        try
        {
            await loop.TellAsync(command, CancellationToken.None).AsTask().WaitAsync(KillTimeout);
            return true;
        }
        catch (TimeoutException)
        {
            logger.HeldUp(KillTimeout);
            return false;
        }
    }

    private async Task<bool> DrainAsync()
    {
        if (!requests.Forced.IsCompleted)
        {
            logger.Draining(drainTimeout);
            if (!await EndsWithinAsync(drainTimeout))
            {
                logger.Stopping(LadderTimeout);
                await EndsWithinAsync(LadderTimeout);
            }
        }

        if (loop.ShutdownCompleted.IsCompleted)
        {
            logger.Drained();
            return true;
        }

        logger.Killing(requests.Forced.IsCompletedSuccessfully ? requests.Forced.Result : "the time to stop is over");
        return false;
    }

    /// <summary>Whether the workers left, or somebody insisted, in this time.</summary>
    private async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        using var timeout = new CancellationTokenSource();
        var over = Task.Delay(time, timeout.Token);
        var first = await Task.WhenAny(loop.ShutdownCompleted, requests.Forced, over);
        await timeout.CancelAsync();
        return first != over;
    }
}

internal static partial class StagedShutdownLog
{
    [LoggerMessage(1, LogLevel.Information, "Takes no new tasks; running attempts have {DrainTimeout}")]
    public static partial void Draining(this ILogger logger, TimeSpan drainTimeout);

    [LoggerMessage(2, LogLevel.Information, "Every worker has left")]
    public static partial void Drained(this ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Kills every worker at once: {Reason}")]
    public static partial void Killing(this ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Error, "Some workers are there still, {KillTimeout} after SIGKILL")]
    public static partial void WorkersLeft(this ILogger logger, TimeSpan killTimeout);

    [LoggerMessage(6, LogLevel.Warning,
        "Stops what still runs, since the drain timeout is over: it has {LadderTimeout} at most")]
    public static partial void Stopping(this ILogger logger, TimeSpan ladderTimeout);

    [LoggerMessage(7, LogLevel.Warning, "The broker has taken nothing for {Time}, and stops as it is")]
    public static partial void HeldUp(this ILogger logger, TimeSpan time);

    [LoggerMessage(5, LogLevel.Error, "The broker stopped before its workers")]
    public static partial void BrokerGone(this ILogger logger, Exception exception);
}
