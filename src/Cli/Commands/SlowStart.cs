using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>Says once why a task that is waited for has not started, where it has not after a while.</summary>
internal static class SlowStart
{
    /// <summary>Of many tasks only the first ones are looked at: they start first.</summary>
    private const int TasksMax = 8;

    /// <summary>Ends when it has spoken, or when the wait beside it is over; fails never.</summary>
    public static async Task ExplainAsync(
        CommandContext context, IEnumerable<TaskHandle> tasks, Action<string> say, CancellationToken cancellationToken)
    {
        if (context.Quiet)
            return;
        try
        {
            await Task.Delay(context.Terminal.Patience, cancellationToken);
            foreach (TaskHandle task in tasks.Take(TasksMax))
            {
                if (await FindAsync(context.Client, task, cancellationToken) is { } obstacle)
                {
                    say($"Task {task.Id} has not started: {obstacle}");
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The task has ended, or nobody waits any more.
        }
        catch (QueuedException)
        {
            // The explanation is an extra; what the wait beside it meets is reported there.
        }
    }

    private static async Task<string?> FindAsync(
        QueuedClient client, TaskHandle task, CancellationToken cancellationToken)
    {
        TaskInfo info = await task.GetInfoAsync(cancellationToken);
        if (info.State != TaskState.Queued)
            return null;
        QueueInfo queue = await client.Queues.GetAsync(info.Queue, cancellationToken);
        var pools = new List<PoolInfo>();
        foreach (string pool in queue.Pools)
            pools.Add(await client.Pools.GetAsync(pool, cancellationToken));
        var workers = new List<WorkerInfo>();
        await foreach (WorkerInfo worker in client.Workers.ListAsync(cancellationToken: cancellationToken))
            workers.Add(worker);
        return StartObstacle.Of(queue, pools, workers);
    }
}
