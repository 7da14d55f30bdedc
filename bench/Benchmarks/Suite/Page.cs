using System.Text;

namespace Queued.Benchmarks;

/// <summary>
/// docs/benchmarks.md: what stands between its marks is made from the reports, all else is written by hand and stays.
/// </summary>
internal static class Page
{
    private const string Begin = "<!-- figures of ";
    private const string BeginEnd = " -->";
    private const string End = "<!-- end of figures -->";
    private const string All = "all";

    /// <param name="page">The text as it is.</param>
    /// <param name="plots">The folder of the plots, from the page.</param>
    /// <param name="load">Null: it has not run, and what stands there stays.</param>
    /// <returns>The text with the figures of now.</returns>
    public static string Fill(string page, string plots, Func<string, Report?> load)
    {
        var names = Names(page);
        var text = new StringBuilder();
        var at = 0;
        foreach (var name in names)
        {
            var mark = $"{Begin}{name}{BeginEnd}\n";
            var begin = page.IndexOf(mark, at, StringComparison.Ordinal) + mark.Length;
            var end = page.IndexOf(End, begin, StringComparison.Ordinal);
            if (end < 0) throw new FormatException($"The figures of {name} have no end.");
            text.Append(page, at, begin - at);
            text.Append(Figures(name, names, plots, load) ?? page[begin..end]);
            at = end;
        }

        return text.Append(page, at, page.Length - at).ToString();
    }

    public static string[] Names(string page) =>
    [
        .. page.Split('\n')
            .Where(line => line.StartsWith(Begin, StringComparison.Ordinal))
            .Select(line => line[Begin.Length..^BeginEnd.Length]),
    ];

    private static string? Figures(string name, string[] names, string plots, Func<string, Report?> load)
    {
        if (name != All)
        {
            return load(name) is { } report
                ? $"\n{Tables.Of(report)}\n{string.Concat(report.Plots.Select(plot => Image(plot, plots)))}"
                : null;
        }

        var rows = names.Where(other => other != All).Select(load).OfType<Report>().SelectMany(report => report.Rows);
        return rows.Any() ? $"\n{Tables.Rows(rows)}\n" : null;
    }

    private static string Image(Plot plot, string folder) => $"![{plot.Title}]({folder}/{plot.Name}.svg)\n\n";
}
