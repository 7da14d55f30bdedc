using System.Globalization;
using System.Runtime.InteropServices;

namespace Queued.Benchmarks;

/// <summary>What some processes have used so far, from /proc.</summary>
internal readonly partial record struct Cost(double CpuSeconds, long Switches)
{
    /// <summary>USER_HZ: 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private const int ChildrenUserTime = 13;
    private const int ChildrenSystemTime = 14;

    /// <summary>The lowest bits of a clock that counts what the scheduler gave to a whole process.</summary>
    private const int SchedulerClock = 2;

    /// <summary>
    /// The CPU includes that of children that have ended; voluntary switches are those of the threads that are there.
    /// </summary>
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
        if (ProcStat.Read(process) is not { } fields) return default;
        var childrenTicks = fields[ChildrenUserTime..(ChildrenSystemTime + 1)]
            .Sum(field => long.Parse(field, CultureInfo.InvariantCulture));
        return new Cost(BusySeconds(process) + (childrenTicks / TicksPerSecond), ThreadsOf(process).Sum(thread =>
            Field(Path.Combine(thread, "status"), "voluntary_ctxt_switches:")));
    }

    /// <summary>To the nanosecond, with the threads that have ended; /proc has it in hundredths of a second.</summary>
    private static double BusySeconds(int process) =>
        clock_gettime((~process << 3) | SchedulerClock, out var time) == 0
            ? time.Seconds + (time.Nanoseconds / 1e9)
            : 0;

    private static string[] ThreadsOf(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task");
        }
        catch (DirectoryNotFoundException)
        {
            // The process has ended since it was listed.
            return [];
        }
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
        catch (IOException)
        {
            // The thread has ended since it was listed.
            return 0;
        }
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
