using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>Processes with their descendants, as /proc shows them now.</summary>
internal static class ProcessTree
{
    private const int ParentField = 1;

    /// <returns>Each of the roots that is there, and whoever descends from it.</returns>
    public static int[] Of(IEnumerable<int> roots)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process)
                && ProcStat.Read(process) is { } fields)
            {
                var parent = int.Parse(fields[ParentField], CultureInfo.InvariantCulture);
                if (!children.TryGetValue(parent, out var siblings)) children[parent] = siblings = [];
                siblings.Add(process);
            }
        }

        var found = new List<int>(roots.Distinct());
        for (var index = 0; index < found.Count; index++)
        {
            if (children.TryGetValue(found[index], out var descendants)) found.AddRange(descendants);
        }

        return [.. found.Distinct()];
    }
}

/// <summary>The numbers of /proc/PID/stat.</summary>
internal static class ProcStat
{
    /// <summary>Gone, or a zombie that its parent has not seen yet.</summary>
    public static bool HasEnded(int process) => Read(process) is not [not "Z", ..];

    /// <returns>The fields from the state on. Null: the process has ended.</returns>
    public static string[]? Read(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            // The name before it, in brackets, may hold anything.
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException)
        {
            // It has ended since it was listed: the read fails with ESRCH where the open did not.
            return null;
        }
    }
}
