using System.Globalization;
using System.Runtime.InteropServices;

namespace Queued.Benchmarks;

/// <summary>Under what a benchmark ran.</summary>
/// <param name="Daemon">Native, or compiled as it runs.</param>
/// <param name="Load">The load average of the last minute before it began.</param>
internal sealed record Conditions(
    DateTimeOffset At, bool IsQuick, string Daemon, string Processor, int Cores, string Kernel, string Runtime,
    string FileSystem, double Load)
{
    public static Conditions Now(BenchOptions options)
    {
        using var folder = new BenchFolder();
        return new Conditions(
            DateTimeOffset.UtcNow,
            options.IsQuick,
            options.Daemon.Name,
            Processors(),
            Environment.ProcessorCount,
            File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
            RuntimeInformation.FrameworkDescription,
            folder.FileSystem,
            double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));
    }

    private static string Processors()
    {
        var model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return model?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{At:yyyy-MM-dd HH:mm} UTC, {(IsQuick ? "a quick run, whose figures mean little" : "a full run")}, "
        + $"{Daemon} daemon, {Cores} × {Processor}, Linux {Kernel}, {Runtime}, {FileSystem}, load average {Load:0.0}");
}
