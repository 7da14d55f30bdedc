using System.Runtime.CompilerServices;

namespace Queued.Broker.Tests.Tracing;

/// <summary>Every story in Traces. <c>UPDATE_TRACES=1</c> writes what came; the diff is what to review.</summary>
public sealed class TraceTests
{
    public static TheoryData<string> Stories()
    {
        var stories = new TheoryData<string>();
        foreach (var file in Directory.GetFiles(SourceFolder(), "*.txt").Order(StringComparer.Ordinal))
            stories.Add(Path.GetFileNameWithoutExtension(file));
        return stories;
    }

    [Theory]
    [MemberData(nameof(Stories))]
    public void Story_goes_as_it_is_told(string story)
    {
        var path = Path.Combine(SourceFolder(), $"{story}.txt");
        var actual = TraceFile.Read(path).Play();
        if (Environment.GetEnvironmentVariable("UPDATE_TRACES") == "1") File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual);
    }

    [Fact]
    public void Every_row_of_the_life_cycle_has_a_story()
    {
        var told = Directory.GetFiles(
            SourceFolder(), "*.txt").SelectMany(file => TraceFile.Read(file).Rows).ToHashSet();
        var rows = LifecycleRows.Read(Path.Combine(SourceFolder(), "../../../docs/task-lifecycle.md"));
        Assert.Empty(rows.Except(told));
        Assert.Empty(told.Except(rows));
    }

    private static string SourceFolder([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../Traces");
}
