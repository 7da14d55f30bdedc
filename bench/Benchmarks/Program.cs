using Queued.Benchmarks;

Benchmark[] benchmarks =
[
    new("redispatch", "from the SIGKILL of a worker to its task's start on a warm sibling", Redispatch.RunAsync),
    new("durable-submit", "durable submits, one and 64 at a time, against the bare flush", DurableSubmit.RunAsync),
    new("durability", "tasks through two workers on an fsync queue, against a memory queue", Durability.RunAsync),
    new("restart", "start with a million durable tasks waiting", Restart.RunAsync),
    new("backlog", "throughput with a million tasks waiting, against none", Backlog.RunAsync),
    new("weight", "memory of a task that waits", Weight.RunAsync),
    new("pipe", "there and back over a pipe, against multiprocessing.Pipe",
        options => PipeRoundTrip.RunAsync(options.Rounds(full: 15, quick: 3))),
];

if (args is ["worker"]) return await EchoWorker.RunAsync();
if (args is ["pipe-echo", var pipe])
{
    await PipeRoundTrip.EchoAsync(pipe);
    return 0;
}

if (args is [var name, .. var rest]
    && Array.Find(benchmarks, benchmark => benchmark.Name == name) is { } chosen
    && BenchOptions.Parse(rest) is { } options)
{
    await chosen.RunAsync(options);
    return 0;
}

foreach (var benchmark in benchmarks) Console.WriteLine($"{benchmark.Name,-16} {benchmark.Summary}");
return args.Length == 0 ? 0 : 2;

internal sealed record Benchmark(string Name, string Summary, Func<BenchOptions, Task> RunAsync);
