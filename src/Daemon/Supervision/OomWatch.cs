using System.Globalization;

namespace Queued.Daemon.Supervision;

/// <summary>
/// Whether the kernel's out-of-memory killer was at work lately. It names no process that is already gone, but a
/// SIGKILL that nobody here sent together with a risen count is told as its doing.
/// </summary>
internal sealed class OomWatch(string vmstat = "/proc/vmstat", string? memoryEvents = null)
{
    private const string Field = "oom_kill ";

    private readonly string? _memoryEvents = memoryEvents ?? FindMemoryEvents();
    private long _before = -1;
    private long _last = -1;

    /// <summary>Called from time to time while workers run: what is older than two calls counts as long ago.</summary>
    internal void Tick()
    {
        _before = _last;
        _last = Count();
    }

    internal bool HasRisen() => Count() is var count && count > (_before >= 0 ? _before : _last >= 0 ? _last : count);

    private long Count()
    {
        try
        {
            return Read(vmstat) + (_memoryEvents is null ? 0 : Read(_memoryEvents));
        }
        catch (IOException)
        {
            // There is no descriptor left to open it with: nothing is known to have risen.
            return _last;
        }
    }

    private static long Read(string path)
    {
        if (!File.Exists(path))
            return 0;
        foreach (var line in File.ReadAllText(path).AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Field, StringComparison.Ordinal) &&
                long.TryParse(line[Field.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return count;
            }
        }

        return 0;
    }

    // Only cgroup version 2 has the file; the system's own count includes what a cgroup's limit kills.
    private static string? FindMemoryEvents()
    {
        foreach (var line in File.Exists("/proc/self/cgroup") ? File.ReadAllLines("/proc/self/cgroup") : [])
        {
            if (line.StartsWith("0::/", StringComparison.Ordinal))
                return $"/sys/fs/cgroup{line["0::".Length..].TrimEnd('/')}/memory.events";
        }

        return null;
    }
}
