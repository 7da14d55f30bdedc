using System.Buffers.Binary;
using System.Diagnostics;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// Numbered tasks, each submitted by itself and each waited for: every number must come back, and once. What they cost
/// is that of all processes that took part, this one among them.
/// </summary>
internal sealed class TaskRun(QueuedClient client, IEnumerable<int> processes)
{
    /// <summary>Tasks under way: more than the window of a stream, so that it is never empty.</summary>
    private const int UnderWay = 8192;

    private readonly int[] _processes = [.. processes];
    private bool[] _seen = [];
    private int _next;
    private int _end;

    /// <summary>Tasks a second.</summary>
    public Series Rate { get; } = new();

    /// <summary>Microseconds of CPU for each task.</summary>
    public Series Cpu { get; } = new();

    /// <summary>Voluntary switches for each task.</summary>
    public Series Switches { get; } = new();

    public void Forget()
    {
        foreach (var series in (Series[])[Rate, Cpu, Switches]) series.Clear();
    }

    public async Task RunAsync(string queue, int count)
    {
        _seen = new bool[count];
        (_next, _end) = (0, count);
        var options = new SubmitOptions { Queue = queue, ResultTtl = TimeSpan.Zero };
        var before = Cost.Of(_processes);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(UnderWay, count)).Select(_ => RunSomeAsync(options)));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var cost = Cost.Of(_processes) - before;
        if (Array.IndexOf(_seen, false) is >= 0 and var missing)
            throw new InvalidOperationException($"Task {missing} of {count} did not come back.");
        Rate.Add(count / elapsed.TotalSeconds);
        Cpu.Add(1e6 * cost.CpuSeconds / count);
        Switches.Add((double)cost.Switches / count);
    }

    private async Task RunSomeAsync(SubmitOptions options)
    {
        while (Interlocked.Increment(ref _next) - 1 is var number && number < _end)
        {
            var payload = new byte[64];
            BinaryPrimitives.WriteInt32LittleEndian(payload, number);
            var result = await client.RunAsync(EchoWorker.Handler, new TaskPayload(payload), options);
            var back = BinaryPrimitives.ReadInt32LittleEndian(result.Data.Span);
            if (Interlocked.Exchange(ref _seen[back], true))
                throw new InvalidOperationException($"Task {back} came back twice.");
        }
    }
}
