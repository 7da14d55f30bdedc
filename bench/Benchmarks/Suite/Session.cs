using System.Diagnostics;

namespace Queued.Benchmarks;

/// <summary>Runs benchmarks one after the other and writes what they find.</summary>
internal static class Session
{
    /// <returns>Whether nothing broke. A target that is missed is a finding, and not a failure.</returns>
    public static async Task<bool> RunAsync(BenchOptions options, IEnumerable<Benchmark> benchmarks)
    {
        Directory.CreateDirectory(options.Out);
        var reports = new List<Report>();
        var begun = Stopwatch.GetTimestamp();
        foreach (var benchmark in benchmarks)
        {
            Console.WriteLine($"## {benchmark.Name}: {benchmark.Summary}\n");
            var report = new Report { Name = benchmark.Name, Conditions = Conditions.Now(options) };
            reports.Add(report);
            try
            {
                await benchmark.RunAsync(options, report);
            }
            catch (Exception exception)
            {
                report.Failures.Add(exception.ToString());
            }

            report.Save(options.Out);
            foreach (var plot in report.Plots) Charts.Save(plot, options.Out);
            Console.WriteLine(Tables.Of(report));
        }

        var rows = reports.SelectMany(report => report.Rows).ToArray();
        if (reports.Count > 1 && rows.Length > 0)
        {
            Console.WriteLine("## All figures that have a target\n");
            Console.WriteLine(Tables.Rows(rows));
        }

        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        Console.WriteLine($"{seconds:0} s. Reports and plots are in {options.Out}.");
        var failed = reports.Where(report => report.Failures.Count > 0).Select(report => report.Name).ToArray();
        if (failed.Length > 0) Console.WriteLine($"FAILED: {string.Join(", ", failed)}");
        return failed.Length == 0;
    }

    /// <summary>Writes the page, and its plots into a folder of its name beside it, from the reports.</summary>
    public static void Write(BenchOptions options, string page)
    {
        var text = File.ReadAllText(page);
        var folder = Path.ChangeExtension(page, null);
        File.WriteAllText(page, Page.Fill(text, Path.GetFileName(folder), name => Report.Load(options.Out, name)));
        Directory.CreateDirectory(folder);
        foreach (var report in Page.Names(text).Select(name => Report.Load(options.Out, name)).OfType<Report>())
        {
            foreach (var plot in report.Plots) Charts.Save(plot, folder);
        }
    }
}
