namespace Queued.Broker.Tests.Tracing;

/// <summary>The table of transitions in docs/task-lifecycle.md, each row as <c>From | Event</c>.</summary>
internal static class LifecycleRows
{
    public static HashSet<string> Read(string path)
    {
        var rows = new HashSet<string>();
        var inside = false;
        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) inside = line == "## Every transition";
            var isRow = line.StartsWith("| ", StringComparison.Ordinal);
            if (!inside || !isRow || line.StartsWith("| From ", StringComparison.Ordinal)) continue;
            var cells = line.Split('|');
            rows.Add($"{cells[1].Trim()} | {cells[2].Trim()}");
        }

        return rows;
    }
}
