using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>Tasks of 64 bytes, each submitted by itself and each waited for, to a worker that gives them back.</summary>
internal sealed class TaskWork(BenchDaemon daemon, string queue, Func<int, int>? priorityOf = null)
{
    /// <summary>Tasks under way: more than the window of a stream, so that it is never empty.</summary>
    public const int UnderWay = 8192;

    private readonly SubmitOptions _options = new() { Queue = queue, ResultTtl = TimeSpan.Zero };

    public Ours Many(string name, int underWay = UnderWay) => new(name, daemon, count => ManyAsync(count, underWay))
    {
        FirstCount = 2000,
        // The begin and the end of a round, when not all are under way, are to be a small part of it.
        CountMin = 5 * underWay,
        WarmUp = BenchOptions.CompiledWarmUp,
    };

    public Ours OneByOne(string name) => new(name, daemon, OneByOneAsync) { WarmUp = BenchOptions.CompiledWarmUp };

    /// <summary>One payload that goes by shared memory.</summary>
    public Ours Large(string name, int bytes)
    {
        var payload = new TaskPayload(new byte[bytes]);
        return new Ours(name, daemon, count => Rounds.OneByOneAsync(count, async _ =>
        {
            var back = await daemon.Client.RunAsync(EchoWorker.Handler, payload, _options);
            if (back.Data.Length != bytes) throw new InvalidOperationException($"{back.Data.Length} bytes came back.");
        }))
        {
            FirstCount = 10,
            WarmUp = BenchOptions.CompiledWarmUp,
        };
    }

    private async Task<Lap> ManyAsync(int count, int underWay)
    {
        var numbers = new Numbers(count);
        var lap = await Rounds.ManyAsync(count, underWay, async (_, number) => numbers.See((await RunAsync(number)).Span));
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
        var options = priorityOf is null ? _options : _options with { Priority = priorityOf(number) };
        var result = await daemon.Client.RunAsync(
            EchoWorker.Handler, new TaskPayload(Numbers.Payload(number)), options);
        return result.Data;
    }
}
