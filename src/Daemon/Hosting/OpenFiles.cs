using System.Globalization;

namespace Queued.Daemon.Hosting;

/// <summary>How many descriptors this process may have.</summary>
internal static class OpenFiles
{
    /// <summary>
    /// Kept free of connections and workers: the runtime opens files by itself, and aborts where it cannot.
    /// </summary>
    public const int Spare = 64;

    /// <summary>What the runtime and the host open between the count and the first calls, at most.</summary>
    private const int OpenedLater = 100;

    /// <summary>Of a worker: its process, its two outputs and its input.</summary>
    private const int PerWorker = 4;

    private const int ConnectionsMin = 16;

    // Every worker and every client's stream may have one, and there is room for callers without a stream.
    private const int ConnectionsMax = 16 * 1024;

    private const string Field = "Max open files";

    /// <summary>The soft limit, which the runtime raises to the hard one when it starts.</summary>
    public static long Max { get; } = Read();

    /// <summary>How many this process has now.</summary>
    public static int Count() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();

    /// <summary>
    /// Connections that may be open at once, with all workers running. Where that leaves few, both have half.
    /// </summary>
    /// <param name="max">Descriptors that the process may have.</param>
    /// <param name="open">Those that it has before it serves.</param>
    /// <param name="workers">Workers of all pools.</param>
    public static int ForConnections(long max, int open, int workers)
    {
        var free = max - open - OpenedLater - Spare;
        return (int)Math.Clamp(free - Math.Min(workers * (long)PerWorker, free / 2), ConnectionsMin, ConnectionsMax);
    }

    /// <summary>Descriptors with which all workers can run beside a fair number of connections.</summary>
    public static long Wanted(int open, int workers) =>
        open + OpenedLater + Spare + (workers * (long)PerWorker) + Math.Max(workers * 2L, 256);

    private static long Read()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            if (!line.StartsWith(Field, StringComparison.Ordinal)) continue;

            var soft = line[Field.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var max)
                ? max
                : long.MaxValue;
        }

        return long.MaxValue;
    }
}
