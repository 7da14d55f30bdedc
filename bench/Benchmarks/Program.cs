using Queued.Benchmarks;

switch (args)
{
    case ["worker"]:
        return await EchoWorker.RunAsync();
    case [Counterpart.Command, var address, var role, var name]:
        return await Counterpart.RunAsync(address, role, name);
    case [NatsJetStream.WorkerCommand, var url]:
        return await NatsJetStream.RunWorkerAsync(url);
    case ["--list"]:
        foreach (var benchmark in Benchmark.All) Console.WriteLine($"{benchmark.Name,-18} {benchmark.Summary}");
        return 0;
}

if (BenchOptions.Parse(args) is not var (options, names))
{
    Console.Error.WriteLine(
        "queued-bench [NAME...] [--quick] [--native DAEMON] [--out DIR] | --list | --write PAGE [--out DIR]");
    return 2;
}

if (options.Page is not null)
{
    Session.Write(options, options.Page);
    return 0;
}

if (names.FirstOrDefault(name => Benchmark.All.All(benchmark => benchmark.Name != name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark {unknown}; --list names them.");
    return 2;
}

var chosen = names.Length == 0 ? Benchmark.All : Benchmark.All.Where(benchmark => names.Contains(benchmark.Name));
return await Session.RunAsync(options, chosen) ? 0 : 1;
