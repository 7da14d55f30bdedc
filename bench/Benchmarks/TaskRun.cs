using System.Buffers.Binary;
using System.Diagnostics;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// Numbered tasks, each submitted by itself and each waited for: every number must come back, and once. What they cost
/// is that of all processes that took part, this one among them.
/// </summary>
internal sealed class TaskRun(QueuedClient client, int daemon, int[] workers)
{
    /// <summary>Tasks under way: more than the window of a stream, so that it is never empty.</summary>
    private const int UnderWay = 8192;

    private readonly int[][] _processes = [[Environment.ProcessId], [daemon], workers];
    private bool[] _seen = [];
    private int _next;
    private int _end;

    /// <summary>Tasks a second.</summary>
    public Series Rate { get; } = new();

    /// <summary>Microseconds of CPU for each task.</summary>
    public Series Cpu { get; } = new();

    /// <summary>The same of one side: the client, the daemon, the workers.</summary>
    public Series[] CpuOf { get; } = [new(), new(), new()];

    /// <summary>Voluntary switches for each task.</summary>
    public Series Switches { get; } = new();

    public void Forget()
    {
        foreach (var series in (Series[])[Rate, Cpu, Switches, .. CpuOf]) series.Clear();
    }

    public async Task RunAsync(string queue, int count)
    {
        _seen = new bool[count];
        (_next, _end) = (0, count);
        var options = new SubmitOptions { Queue = queue, ResultTtl = TimeSpan.Zero };
        var before = Array.ConvertAll(_processes, side => Cost.Of(side));
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Math.Min(UnderWay, count)).Select(_ => RunSomeAsync(options)));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var cost = _processes.Select((side, index) => Cost.Of(side) - before[index]).ToArray();
        if (Array.IndexOf(_seen, false) is >= 0 and var missing)
            throw new InvalidOperationException($"Task {missing} of {count} did not come back.");
        Rate.Add(count / elapsed.TotalSeconds);
        Cpu.Add(1e6 * cost.Sum(side => side.CpuSeconds) / count);
        for (var side = 0; side < cost.Length; side++) CpuOf[side].Add(1e6 * cost[side].CpuSeconds / count);
        Switches.Add((double)cost.Sum(side => side.Switches) / count);
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
