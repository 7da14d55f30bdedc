using Queued.Client;

namespace Queued.Samples.Demo;

/// <summary>
/// Kills a worker while it runs a task, and surely so: the workers are frozen until the daemon and they agree on who
/// runs what, one that runs something is killed, the others go on.
/// </summary>
internal sealed class BusyWorkerKill(IQueuedClient client, string pool)
{
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Who was killed. Null: nobody yet, or the map had ended before anybody was seen at work.</summary>
    public WorkerInfo? Victim { get; private set; }

    /// <summary>What the killed worker ran.</summary>
    public RunningAttempt? Attempt => Victim?.Running[0];

    /// <summary>Gives up when the map has ended: nobody works any more.</summary>
    public async Task RunAsync(CancellationToken mapEnded)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(mapEnded);
        patience.CancelAfter(Patience);
        try
        {
            await KillAsync(patience.Token);
        }
        catch (OperationCanceledException) when (mapEnded.IsCancellationRequested)
        {
            // There was too little to do to catch anybody at it. The report says so.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(
                $"No worker was seen at work within {Patience.TotalSeconds:0} s, though the map goes on.");
        }
    }

    private async Task KillAsync(CancellationToken cancellationToken)
    {
        var frozen = await ListAsync(cancellationToken);
        frozen.ForEach(worker => Signal.Freeze(worker.ProcessId!.Value));
        try
        {
            Victim = await FindBusyAsync(frozen, cancellationToken);
            Signal.Kill(Victim.ProcessId!.Value);
        }
        finally
        {
            frozen.Where(worker => worker.Id != Victim?.Id)
                .ToList().ForEach(worker => Signal.Thaw(worker.ProcessId!.Value));
        }
    }

    /// <summary>
    /// A frozen worker that the daemon shows twice with the same attempt: its last words have been heard.
    /// </summary>
    private async Task<WorkerInfo> FindBusyAsync(List<WorkerInfo> frozen, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Settling);
        for (var before = frozen; ;)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            var now = await ListAsync(cancellationToken);
            var busy = now.Find(worker => worker.Running is [var attempt, ..] &&
                before.Any(other => other.Id == worker.Id && other.Running is [var same, ..] && same == attempt) &&
                frozen.Any(other => other.Id == worker.Id));
            if (busy is not null)
            {
                return busy;
            }

            before = now;
        }
    }

    private async Task<List<WorkerInfo>> ListAsync(CancellationToken cancellationToken)
    {
        var workers = new List<WorkerInfo>();
        await foreach (var worker in client.Workers.ListAsync(pool, cancellationToken))
        {
            if (worker is { ProcessId: not null, State: WorkerState.Ready or WorkerState.Busy })
            {
                workers.Add(worker);
            }
        }

        return workers;
    }
}
