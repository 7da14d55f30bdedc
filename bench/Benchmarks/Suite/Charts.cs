using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>Plots as SVG.</summary>
internal static class Charts
{
    private const int Width = 820;
    private const int Height = 460;

    /// <summary>A curve for each contender: the latency that so many percent of its items stay below.</summary>
    public static Plot Percentiles(string name, string title, ContestResult contest) => new(
        name, title, "one in so many takes longer", "µs", IsYLog: true,
        [.. contest.Contenders.Where(figures => figures.Latency.Length > 0).Select(figures => new Curve(
            figures.Name,
            [.. ContenderFigures.Shares.Select(share => Math.Round(1 / (1 - share)))],
            [.. figures.Latency.Select(series => series.Median)]))]);

    public static void Save(Plot plot, string folder)
    {
        var picture = new ScottPlot.Plot();
        foreach (var curve in plot.Curves.Where(curve => curve.X.Length > 0))
        {
            var line = picture.Add.Scatter(
                Array.ConvertAll(curve.X, Math.Log10),
                plot.IsYLog ? Array.ConvertAll(curve.Y, Math.Log10) : curve.Y);
            line.LegendText = curve.Name;
            line.LineWidth = 2;
        }

        picture.Title(plot.Title);
        picture.XLabel(plot.XLabel);
        picture.YLabel(plot.YLabel);
        picture.Axes.Bottom.TickGenerator = Logarithmic();
        if (plot.IsYLog) picture.Axes.Left.TickGenerator = Logarithmic();
        else picture.Axes.SetLimitsY(0, 1.1 * plot.Curves.Max(curve => curve.Y.Max()));
        picture.ShowLegend(ScottPlot.Edge.Right);
        picture.SaveSvg(Path.Combine(folder, plot.Name + ".svg"), Width, Height);
    }

    private static ScottPlot.TickGenerators.NumericAutomatic Logarithmic() => new()
    {
        MinorTickGenerator = new ScottPlot.TickGenerators.LogMinorTickGenerator(),
        IntegerTicksOnly = true,
        LabelFormatter = power => Math.Pow(10, power).ToString("#,##0.##", CultureInfo.InvariantCulture),
    };
}
