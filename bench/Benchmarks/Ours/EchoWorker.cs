using Queued.Worker;

namespace Queued.Benchmarks;

/// <summary>A worker that gives back what it is given.</summary>
internal static class EchoWorker
{
    public const string Handler = "echo";
    public const string TextHandler = "echo-text";

    public static Task<int> RunAsync() => QueuedWorker.RunAsync(
        worker => worker
            .HandleRaw(Handler, (payload, _) => Task.FromResult(payload))
            .Handle<string, string>(TextHandler, text => text));
}
