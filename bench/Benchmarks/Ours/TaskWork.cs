using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>Tasks of 64 bytes, each submitted by itself and waited for, to a worker that gives them back.</summary>
/// <param name="daemon">Where they run.</param>
/// <param name="queue">On which queue.</param>
/// <param name="priorities">How many of the 256 priorities there are, in turn, and as many options.</param>
internal sealed class TaskWork(BenchDaemon daemon, string queue, int priorities = 1)
{
    /// <summary>Tasks under way: more than the window of a stream, so that it is never empty.</summary>
    public const int UnderWay = 8192;

    private const int HighestPriority = 127;

    private readonly SubmitOptions[] _options =
    [
        .. Enumerable.Range(0, priorities).Select(number => new SubmitOptions
        {
            Queue = queue,
            ResultTtl = TimeSpan.Zero,
            Priority = priorities == 1 ? 0 : HighestPriority - number,
        }),
    ];

    public Ours Many(string name, int underWay = UnderWay) => new(name, daemon, count => ManyAsync(count, underWay))
    {
        FirstCount = 2000,
        // The begin and the end of a round, when not all are under way, are to be a small part of it.
        CountMin = 5 * underWay,
        WarmUp = BenchOptions.CompiledWarmUp,
    };

    public Ours OneByOne(string name) => new(name, daemon, OneByOneAsync)
    {
        // What is compiled again is what was called often, and here the calls are few in a second.
        WarmUp = 2 * BenchOptions.CompiledWarmUp,
    };

    /// <summary>One payload that goes by shared memory.</summary>
    /// <param name="name">As it stands in the tables.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="handler">What the worker does with it.</param>
    /// <param name="isInPlace">The result is looked at where it is, and not copied.</param>
    public Ours Large(string name, int bytes, string handler = EchoWorker.Handler, bool isInPlace = false)
    {
        var payload = new TaskPayload(new byte[bytes]);
        return new Ours(name, daemon, count => Rounds.OneByOneAsync(count, async _ =>
        {
            var length = isInPlace
                ? await daemon.Client.RunAsync(handler, payload, static result => result.Data.Length, _options[0])
                : (await daemon.Client.RunAsync(handler, payload, _options[0])).Data.Length;
            if (length != bytes) throw new InvalidOperationException($"{length} bytes came back.");
        }))
        {
            FirstCount = 10,
            WarmUp = BenchOptions.CompiledWarmUp,
        };
    }

    private async Task<Lap> ManyAsync(int count, int underWay)
    {
        var numbers = new Numbers(count);
        var lap = await Rounds.ManyAsync(
            count, underWay, async (_, number) => numbers.See((await RunAsync(number)).Span));
        numbers.SeenAll();
        return lap;
    }

    private async Task<Lap> OneByOneAsync(int count)
    {
        var numbers = new Numbers(count);
        var lap = await Rounds.OneByOneAsync(count, async number => numbers.See((await RunAsync(number)).Span));
        numbers.SeenAll();
        return lap;
    }

    private async Task<ReadOnlyMemory<byte>> RunAsync(int number)
    {
        var result = await daemon.Client.RunAsync(
            EchoWorker.Handler, new TaskPayload(Numbers.Payload(number)), _options[number % priorities]);
        return result.Data;
    }
}
