using Queued.Benchmarks;

Benchmark[] benchmarks =
[
    new("redispatch", "from the SIGKILL of a worker to its task's start on a warm sibling", Redispatch.RunAsync),
    new("durable-submit", "durable submits, one and 64 at a time, against the bare flush", DurableSubmit.RunAsync),
    new("durability", "tasks through two workers on an fsync queue, against a memory queue", Durability.RunAsync),
    new("restart", "start with a million durable tasks waiting", Restart.RunAsync),
    new("backlog", "throughput with a million tasks waiting, against none", Backlog.RunAsync),
    new("weight", "memory of a task that waits", Weight.RunAsync),
];

if (args is ["worker"]) return await EchoWorker.RunAsync();
if (args is [var name, .. var rest]
    && Array.Find(benchmarks, benchmark => benchmark.Name == name) is { } chosen
    && BenchOptions.Parse(rest) is { } options)
{
    await chosen.RunAsync(options);
    return 0;
    case ["redispatch", .. var rest]:
        await using (var pool = await ProcessPool.StartAsync(Redispatch.Workers))
        {
            await Redispatch.RunAsync(pool, rest is [var rounds] ? int.Parse(rounds, null) : 100);
        }

        return 0;
    case ["pipe", .. var rest]:
        await PipeRoundTrip.RunAsync(rest is [var count] ? int.Parse(count, null) : 15);
        return 0;
    case ["pipe-echo", var pipe]:
        await PipeRoundTrip.EchoAsync(pipe);
        return 0;
    default:
        Console.WriteLine("redispatch [ROUNDS]   from the SIGKILL of a worker to its task's start on a warm sibling");
        Console.WriteLine("pipe [ROUNDS]         there and back over a pipe, against multiprocessing.Pipe");
        return args.Length == 0 ? 0 : 2;
}

foreach (var benchmark in benchmarks) Console.WriteLine($"{benchmark.Name,-16} {benchmark.Summary}");
return args.Length == 0 ? 0 : 2;

internal sealed record Benchmark(string Name, string Summary, Func<BenchOptions, Task> RunAsync);
