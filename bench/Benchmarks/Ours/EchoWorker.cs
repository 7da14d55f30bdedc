using Queued.Worker;

namespace Queued.Benchmarks;

/// <summary>A worker that gives back what it is given.</summary>
internal static class EchoWorker
{
    public const string Handler = "echo";
    public const string TextHandler = "echo-text";

    /// <summary>Gives back as many bytes as it is given, but its own.</summary>
    public const string OwnBytesHandler = "own-bytes";

    private static byte[] _ownBytes = [];

    public static Task<int> RunAsync() => QueuedWorker.RunAsync(
        worker => worker
            .HandleRaw(Handler, (payload, _) => Task.FromResult(payload))
            .HandleRaw(OwnBytesHandler, (payload, _) => Task.FromResult(OwnBytes(payload)))
            .Handle<string, string>(TextHandler, text => text));

    private static TaskPayload OwnBytes(TaskPayload payload)
    {
        if (_ownBytes.Length != payload.Data.Length) _ownBytes = new byte[payload.Data.Length];
        return new TaskPayload(_ownBytes);
    }
}
