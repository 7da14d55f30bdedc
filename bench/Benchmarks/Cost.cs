using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>What some processes have used so far, from /proc.</summary>
internal readonly record struct Cost(double CpuSeconds, long Switches)
{
    /// <summary>USER_HZ: 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private const int UserTime = 11;
    private const int SystemTime = 12;

    /// <summary>Voluntary switches are those of the threads that are still there.</summary>
    public static Cost Of(IEnumerable<int> processes)
    {
        var sum = default(Cost);
        foreach (var process in processes) sum += OfOne(process);
        return sum;
    }

    public static Cost operator +(Cost left, Cost right) =>
        new(left.CpuSeconds + right.CpuSeconds, left.Switches + right.Switches);

    public static Cost operator -(Cost left, Cost right) =>
        new(left.CpuSeconds - right.CpuSeconds, left.Switches - right.Switches);

    public static long ResidentBytes(int process) => 1024 * Field($"/proc/{process}/status", "VmRSS:");

    private static Cost OfOne(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        // The name before it, in brackets, may hold anything.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[UserTime], CultureInfo.InvariantCulture)
            + long.Parse(fields[SystemTime], CultureInfo.InvariantCulture);
        var switches = Directory.EnumerateDirectories($"/proc/{process}/task")
            .Sum(thread => Field(Path.Combine(thread, "status"), "voluntary_ctxt_switches:"));
        return new Cost(ticks / TicksPerSecond, switches);
    }

    private static long Field(string path, string name)
    {
        try
        {
            var line = File.ReadLines(path).First(line => line.StartsWith(name, StringComparison.Ordinal));
            var number = line.AsSpan(name.Length).Trim();
            var end = number.IndexOf(' ');
            return long.Parse(end < 0 ? number : number[..end], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // The thread has ended since it was listed.
            return 0;
        }
    }
}
