using Queued.Worker;

namespace Queued.Crash;

/// <summary>A worker that writes down every attempt before it begins with it.</summary>
internal static class RecordingWorker
{
    public static async Task<int> RunAsync(string ledgerPath)
    {
        using var ledger = new Ledger(ledgerPath);
        return await QueuedWorker.RunAsync(worker =>
        {
            worker.Options.Queues.Add(Plan.Queue);
            worker.Options.Slots = 16;
            worker
                .Handle<string, string>("echo", (key, context) => Run(key, context, failingAttempts: 0))
                .Handle<string, string>("flaky", (key, context) => Run(key, context, failingAttempts: 1))
                .Handle<string, string>("doomed", (key, context) => Run(key, context, failingAttempts: int.MaxValue));
        });

        string Run(string key, TaskContext context, int failingAttempts)
        {
            ledger.Add('R', $"{context.TaskId}", $"{context.Attempt}");
            return context.FailedAttempts >= failingAttempts
                ? key
                : throw new InvalidOperationException("as planned");
        }
    }
}
