using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>Fills a queue that nobody serves.</summary>
internal static class Fill
{
    private const int Batch = 100_000;

    /// <exception cref="InvalidOperationException">A number was given twice, or not all of them wait.</exception>
    public static async Task AddAsync(
        QueuedClient client, string queue, int count, int payloadBytes, TimeSpan? delay = null)
    {
        var before = await CountAsync(client, queue);
        var taken = new HashSet<TaskId>(count);
        var task = new TaskSubmission(
            EchoWorker.Handler,
            new TaskPayload(new byte[payloadBytes]),
            new SubmitOptions { Queue = queue, Delay = delay });
        for (var left = count; left > 0; left -= Batch)
        {
            var results = await client.SubmitManyAsync(Enumerable.Repeat(task, Math.Min(Batch, left)));
            foreach (var result in results)
            {
                if (!taken.Add(result.GetTask().Id))
                    throw new InvalidOperationException($"Task {result.GetTask().Id} was given twice.");
            }
        }

        var waiting = await CountAsync(client, queue) - before;
        if (waiting != count) throw new InvalidOperationException($"{waiting} of {count} tasks wait.");
    }

    private static async Task<long> CountAsync(QueuedClient client, string queue)
    {
        var info = await client.Queues.GetAsync(queue);
        return info.QueuedCount + info.ScheduledCount;
    }
}
