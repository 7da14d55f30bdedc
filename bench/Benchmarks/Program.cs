using Queued.Benchmarks;
using Queued.Client;

switch (args)
{
    case ["redispatch", .. var rest]:
        await using (var pool = await ProcessPool.StartAsync(Redispatch.Workers))
        {
            await Redispatch.RunAsync(pool, rest is [var rounds] ? int.Parse(rounds, null) : 100);
        }

        return 0;
    default:
        Console.WriteLine("redispatch [ROUNDS]   from the SIGKILL of a worker to its task's start on a warm sibling");
        return args.Length == 0 ? 0 : 2;
}
