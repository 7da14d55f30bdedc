namespace Queued.Benchmarks;

/// <summary>One of the things that can be run by their names.</summary>
internal sealed record Benchmark(string Name, string Summary, Func<BenchOptions, Report, Task> RunAsync)
{
    public static readonly Benchmark[] All =
    [
        new("floors", "what nothing on this machine can be faster than", Floors.RunAsync),
        new("round-trip", "one task after the other, against Pool.apply and the floor", RoundTrip.RunAsync),
        new("throughput", "tasks that are tracked one by one, against all peers", Throughput.RunAsync),
        new("durability", "the same on an fsync queue, against beanstalkd and Redis", Durability.RunAsync),
        new("durable-submit", "durable submits, one and 64 at a time, against the bare flush", DurableSubmit.RunAsync),
        new("map", "a map with automatic chunks, against Pool.map", Maps.RunAsync),
        new("batches", "a map by the size of its chunks, against Pool.map", Maps.RunBatchesAsync),
        new("queue", "put to get over a queue, against multiprocessing.Queue", Sharing.RunQueueAsync),
        new("pipe", "there and back over a pipe, against multiprocessing.Pipe", Sharing.RunPipeAsync),
        new("lock", "a lock, against those of multiprocessing", Sharing.RunLockAsync),
        new("payload", "16 MiB there and back by shared memory, against Pool", Sharing.RunPayloadAsync),
        new("backlog", "throughput with up to ten million tasks waiting, against none", Growth.RunBacklogAsync),
        new("many-queues", "ten thousand queues, against a few", Growth.RunQueuesAsync),
        new("many-locks", "ten thousand locks, against a few", Growth.RunLocksAsync),
        new("many-pipes", "a thousand pipes, against one", Growth.RunPipesAsync),
        new("many-connections", "two thousand idle connections, against none", Growth.RunConnectionsAsync),
        new("priorities", "256 priorities, against one", Growth.RunPrioritiesAsync),
        new("delayed", "a million delayed tasks, against none", Growth.RunDelayedAsync),
        new("weight", "memory of a task that waits", Weight.RunAsync),
        new("footprint", "an idle daemon: memory, CPU, start", Footprint.RunAsync),
        new("redispatch", "from the SIGKILL of a worker to its task's start on a warm sibling", Redispatch.RunAsync),
        new("restart", "start with a million durable tasks waiting", Restart.RunAsync),
    ];
}
