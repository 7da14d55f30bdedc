using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>Fills a queue that nobody serves.</summary>
internal static class Fill
{
    private const int Batch = 100_000;

    /// <returns>The numbers that were given, each one once.</returns>
    public static async Task<HashSet<TaskId>> AddAsync(QueuedClient client, string queue, int count, int payloadBytes)
    {
        var taken = new HashSet<TaskId>(count);
        var task = new TaskSubmission(
            EchoWorker.Handler, new TaskPayload(new byte[payloadBytes]), new SubmitOptions { Queue = queue });
        for (var left = count; left > 0; left -= Batch)
        {
            var results = await client.SubmitManyAsync(Enumerable.Repeat(task, Math.Min(Batch, left)));
            foreach (var result in results)
            {
                if (!taken.Add(result.GetTask().Id))
                    throw new InvalidOperationException($"Task {result.GetTask().Id} was given twice.");
            }
        }

        return taken;
    }
}
