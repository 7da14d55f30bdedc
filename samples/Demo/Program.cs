using Queued.Client;
using Queued.Samples.Demo;
using Spectre.Console;

if (args is ["-h" or "--help", ..])
{
    Console.WriteLine("usage: ./dev demo [DIR]");
    Console.WriteLine("Hashes every file under DIR in worker processes. Default: the folder of the .NET SDK.");
    return 0;
}

var folder = args.Length > 0 ? Path.GetFullPath(args[0]) : InputFiles.DefaultFolder();
if (!Directory.Exists(folder))
{
    await Console.Error.WriteLineAsync($"{folder} is not a directory.");
    return 2;
}

var files = InputFiles.Find(folder);
if (files.Paths.Count == 0)
{
    await Console.Error.WriteLineAsync($"{folder} has no files that this user may read: there is nothing to do.");
    return 2;
}

var workers = Math.Clamp(Environment.ProcessorCount, 2, 8);
var report = new Report(AnsiConsole.Console);
Leftovers leftovers;
bool good;
await using (var pool = await ProcessPool.StartAsync(workers))
{
    leftovers = await Leftovers.OfAsync(pool.Client);
    good = await new DemoRun(pool, workers, report).RunAsync(files);
}

var left = leftovers.Find();
report.Verdict(good, left);
return good && left.Count == 0 ? 0 : 1;
