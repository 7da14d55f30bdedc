using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>Queues of messages, pipes and locks, one or many of them.</summary>
internal static class SharingWork
{
    /// <summary>Puts under way, and callers who walk over many queues or locks.</summary>
    private const int PutsUnderWay = 4096;
    private const int Lanes = 16;

    /// <summary>This process puts, another one gets.</summary>
    public static async Task<Ours> QueueAsync(string name, BenchDaemon daemon)
    {
        const string queueName = "messages";
        var queue = daemon.Client.Queue<byte[]>(queueName);
        var consumer = await Counterpart.StartAsync(daemon, "consume", queueName);
        return new Ours(name, daemon, async count =>
        {
            var got = consumer.RunAsync(count);
            var begun = System.Diagnostics.Stopwatch.GetTimestamp();
            await Rounds.ManyAsync(count, PutsUnderWay, (_, number) => queue.PutAsync(Numbers.Payload(number)));
            await got;
            return new Lap(System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds, []);
        })
        {
            Other = consumer,
            FirstCount = 2000,
            WarmUp = BenchOptions.CompiledWarmUp,
        };
    }

    /// <summary>A message of 64 bytes to another process and back, over each of the pipes in turn.</summary>
    public static async Task<Ours> PipesAsync(string name, BenchDaemon daemon, int pipes)
    {
        var ends = new PipeEnd<byte[]>[pipes];
        for (var number = 0; number < pipes; number++)
        {
            ends[number] = daemon.Client.Pipe<byte[]>(Counterpart.PipeName(number));
            await ends[number].OpenAsync();
        }

        var echo = await Counterpart.StartAsync(
            daemon, "echo", pipes.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var at = 0;
        return new Ours(name, daemon, count => Rounds.OneByOneAsync(count, async number =>
        {
            var pipe = ends[at++ % pipes];
            await pipe.SendAsync(Numbers.Payload(number));
            var back = await pipe.ReceiveAsync();
            if (!back.AsSpan().SequenceEqual(Numbers.Payload(number)))
                throw new InvalidOperationException($"Something else than {number} came back.");
        }))
        {
            Other = echo,
            WarmUp = BenchOptions.CompiledWarmUp,
        };
    }

    public static Ours Lock(string name, BenchDaemon daemon)
    {
        var shared = daemon.Client.Lock("lock");
        return new Ours(name, daemon, count => Rounds.OneByOneAsync(count, async _ => await TakeAsync(shared)))
        {
            WarmUp = BenchOptions.CompiledWarmUp,
        };
    }

    /// <summary>So many locks exist and are used, by 16 callers, each of whom goes over a part of them.</summary>
    public static async Task<Ours> LocksAsync(string name, BenchDaemon daemon, int locks)
    {
        var all = Enumerable.Range(0, locks).Select(number => daemon.Client.Lock($"lock-{number}")).ToArray();
        await Parallel.ForEachAsync(all, async (shared, _) => await TakeAsync(shared));
        return Walk(name, daemon, locks, (at, _) => TakeAsync(all[at]));
    }

    /// <summary>The same with queues of messages: a put and a get.</summary>
    public static async Task<Ours> QueuesAsync(string name, BenchDaemon daemon, int queues)
    {
        var all = Enumerable.Range(0, queues)
            .Select(number => daemon.Client.Queue<byte[]>($"queue-{number}"))
            .ToArray();
        await Parallel.ForEachAsync(all, async (queue, _) => await PutAndGetAsync(queue, 0));
        return Walk(name, daemon, queues, (at, number) => PutAndGetAsync(all[at], number));
    }

    private static Ours Walk(string name, BenchDaemon daemon, int objects, Func<int, int, Task> runAsync)
    {
        var lanes = Math.Min(Lanes, objects);
        var at = new int[lanes];
        return new Ours(name, daemon, count => Rounds.ManyAsync(count, lanes, (lane, number) =>
            runAsync((lane + (lanes * at[lane]++)) % (objects / lanes * lanes), number)))
        {
            WarmUp = BenchOptions.CompiledWarmUp,
        };
    }

    private static async Task TakeAsync(SharedLock shared)
    {
        var grant = await shared.AcquireAsync();
        await grant.ReleaseAsync();
    }

    private static async Task PutAndGetAsync(MessageQueue<byte[]> queue, int number)
    {
        await queue.PutAsync(Numbers.Payload(number));
        var back = await queue.GetAsync();
        if (!back.AsSpan().SequenceEqual(Numbers.Payload(number)))
            throw new InvalidOperationException($"Something else than {number} came back.");
    }
}
