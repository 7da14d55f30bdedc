using System.Text;

namespace Queued.Broker.Tests.Tracing;

/// <summary>
/// A story: comments, then commands, each with the effects that are expected of it, indented by two spaces below it.
/// </summary>
internal sealed class TraceFile
{
    private const string RowMarker = "# row: ";

    private TraceFile(string path, IReadOnlyList<string> lines)
    {
        Path = path;
        Lines = lines;
    }

    public string Path { get; }

    public IReadOnlyList<string> Lines { get; }

    /// <summary>The rows of docs/task-lifecycle.md that the story shows, as <c>From | Event</c>.</summary>
    public IEnumerable<string> Rows =>
        Lines.Where(
            line => line.StartsWith(RowMarker, StringComparison.Ordinal)).Select(line => line[RowMarker.Length..]);

    public static TraceFile Read(string path) => new(path, File.ReadAllLines(path));

    /// <summary>The file as it would be with the effects that really came.</summary>
    public string Play()
    {
        var runner = new TraceRunner();
        var text = new StringBuilder();
        for (var number = 1; number <= Lines.Count; number++)
        {
            var line = Lines[number - 1].TrimEnd();
            if (line.StartsWith(' ')) continue;
            text.Append(line).Append('\n');
            if (line.Length == 0 || line[0] == '#') continue;
            foreach (var effect in RunLine(runner, line, number)) text.Append("  ").Append(effect).Append('\n');
        }

        return text.ToString();
    }

    private List<string> RunLine(TraceRunner runner, string line, int number)
    {
        try
        {
            return runner.Run(new TraceLine(line));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{Path}:{number}: '{line}' failed: {exception.Message}", exception);
        }
    }
}
