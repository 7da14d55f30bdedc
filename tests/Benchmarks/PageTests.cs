namespace Queued.Benchmarks.Tests;

public sealed class PageTests
{
    private const string Text = """
        before
        <!-- figures of all -->
        old
        <!-- end of figures -->
        between
        <!-- figures of a -->
        old
        <!-- end of figures -->
        <!-- figures of b -->
        old
        <!-- end of figures -->
        after
        """;

    [Fact]
    public void Figures_are_written_and_all_else_stays()
    {
        var options = new BenchOptions(IsQuick: true, Native: null, Out: "", Page: null);
        var report = new Report { Name = "a", Conditions = Conditions.Now(options) };
        report.Rows.Add(new Row("a row", "×", Target.AtLeast(2), new Series([3])));
        report.Plots.Add(new Plot("curve", "A curve", "x", "y", IsYLog: true, []));

        var lines = Page.Fill(Text, "plots", name => name == "a" ? report : null).Split('\n');

        Assert.Equal("before", lines[0]);
        Assert.Equal("after", lines[^1]);
        Assert.Contains("between", lines);
        Assert.Equal(2, lines.Count(line => line == "| a row | 3.00 | × | ≥ 2 |  | yes |"));
        Assert.Single(lines, line => line == "old");
        Assert.Single(lines, line => line == "![A curve](plots/curve.svg)");
    }

    [Fact]
    public void Figures_that_are_written_twice_are_the_same()
    {
        var options = new BenchOptions(IsQuick: true, Native: null, Out: "", Page: null);
        var report = new Report { Name = "a", Conditions = Conditions.Now(options) };
        report.Figures.Add(new Figure("a figure", "MB", new Series([3])));

        var once = Page.Fill(Text, "plots", _ => report);

        Assert.Equal(once, Page.Fill(once, "plots", _ => report));
    }

    [Fact]
    public void Figures_without_an_end_are_refused() => Assert.Throws<FormatException>(
        () => Page.Fill("<!-- figures of a -->\nold", "plots", _ => null));

    [Fact]
    public void Every_benchmark_has_its_place_on_the_page()
    {
        var names = Page.Names(File.ReadAllText(Path.Combine(Root(), "docs", "benchmarks.md")));

        Assert.Equal(Benchmark.All.Select(benchmark => benchmark.Name).Prepend("all").Order(), names.Order());
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Queue.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
