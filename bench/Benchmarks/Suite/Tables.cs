using System.Globalization;
using System.Text;

namespace Queued.Benchmarks;

/// <summary>What a report says, as Markdown.</summary>
internal static class Tables
{
    /// <summary>Everything of one benchmark.</summary>
    public static string Of(Report report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Conditions}.\n\n");
        if (report.Rows.Count > 0) text.Append(Rows(report.Rows)).Append('\n');
        foreach (var contest in report.Contests.Where(contest => contest.Contenders.Count > 0))
            text.Append(Contest(contest)).Append('\n');
        if (report.Figures.Count > 0) text.Append(Figures(report.Figures)).Append('\n');
        if (report.Missing.Count > 0)
        {
            var missing = report.Missing.Distinct().Select(missing => $"{missing.Name} ({missing.Why})");
            text.Append(CultureInfo.InvariantCulture, $"Left out: {string.Join(", ", missing)}.\n\n");
        }

        if (report.Failures.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"**Failed**:\n\n");
            foreach (var failure in report.Failures)
                text.Append(CultureInfo.InvariantCulture, $"```\n{failure}\n```\n\n");
        }

        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>Figures beside their targets.</summary>
    public static string Rows(IEnumerable<Row> rows)
    {
        var text = new StringBuilder("| | figure | | must | aim | reached |\n|---|---|---|---|---|---|\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.What} | {row.Values?.Show() ?? "–"} | {row.Unit} ")
                .Append(CultureInfo.InvariantCulture, $"| {row.Target.Show(row.Target.Must)} ")
                .Append(CultureInfo.InvariantCulture, $"| {row.Target.Show(row.Target.Aim)} | {row.Verdict} |\n");
        }

        return text.ToString();
    }

    private static string Contest(ContestResult contest)
    {
        var text = new StringBuilder();
        var hasLatency = contest.Contenders.Any(figures => figures.Latency.Length > 0);
        var rounds = contest.Contenders[0].Rate.Values.Count;
        text.Append(CultureInfo.InvariantCulture, $"{contest.Title}; {rounds} rounds.\n\n")
            .Append(CultureInfo.InvariantCulture, $"| | {contest.Item}s/s | CPU, µs/{contest.Item} ")
            .Append(CultureInfo.InvariantCulture, $"| voluntary switches/{contest.Item} ")
            .Append(hasLatency ? "| 50 %, µs | 99 %, µs |\n" : "|\n")
            .Append(hasLatency ? "|---|---|---|---|---|---|\n" : "|---|---|---|---|\n");
        foreach (var figures in contest.Contenders)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {figures.Name} | {figures.Rate.Show()} ")
                .Append(CultureInfo.InvariantCulture, $"| {figures.Cpu.Show()} | {figures.Switches.Show()} ");
            if (hasLatency)
            {
                text.Append(figures.Latency.Length > 0
                    ? $"| {figures.Latency[0].Show()} | {figures.Latency[2].Show()} "
                    : "| | ");
            }

            text.Append("|\n");
        }

        return text.ToString();
    }

    private static string Figures(IEnumerable<Figure> figures)
    {
        var text = new StringBuilder("| | figure | |\n|---|---|---|\n");
        foreach (var figure in figures)
            text.Append(CultureInfo.InvariantCulture, $"| {figure.What} | {figure.Values.Show()} | {figure.Unit} |\n");
        return text.ToString();
    }
}
