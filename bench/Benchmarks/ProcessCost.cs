using System.Diagnostics;
using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>
/// What processes have used since a moment: processor time, and how often their threads went to sleep.
/// </summary>
internal sealed class ProcessCost
{
    private readonly int[] _processes;
    private readonly TimeSpan _time;
    private readonly long _switches;

    public ProcessCost(params int[] processes)
    {
        _processes = processes;
        (_time, _switches) = Read();
    }

    public (TimeSpan Time, long Switches) SinceThen()
    {
        var (time, switches) = Read();
        return (time - _time, switches - _switches);
    }

    private (TimeSpan Time, long Switches) Read()
    {
        var (time, switches) = (TimeSpan.Zero, 0L);
        foreach (var id in _processes)
        {
            using var process = Process.GetProcessById(id);
            time += process.TotalProcessorTime;
            switches += Directory.GetDirectories($"/proc/{id}/task").Sum(VoluntarySwitches);
        }

        return (time, switches);
    }

    private static long VoluntarySwitches(string thread)
    {
        const string name = "voluntary_ctxt_switches:";
        try
        {
            var line = File.ReadLines(Path.Combine(thread, "status"))
                .First(line => line.StartsWith(name, StringComparison.Ordinal));
            return long.Parse(line[name.Length..], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // The thread has ended since.
            return 0;
        }
    }
}
