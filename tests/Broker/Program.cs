using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Queued.Broker.Tests.Simulation;

namespace Queued.Broker.Tests;

/// <summary>
/// The simulator by hand: <c>Queued.Broker.Tests [seeds] [first seed] [events]</c>. Exit code 1: a seed failed.
/// </summary>
internal static class Program
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(10);

    private static int Main(string[] arguments)
    {
        var seeds = Number(arguments, 0, 1_000_000);
        var first = Number(arguments, 1, 1);
        var events = (int)Number(arguments, 2, SimulationSettings.Events);
        if (arguments.Contains("survey")) return Survey((ulong)first, seeds, events);
        var campaign = new Campaign((ulong)first, seeds, events);
        var watch = Stopwatch.StartNew();
        using var progress = new Timer(
            _ => Console.Error.WriteLine(Rate(campaign, watch.Elapsed)), null, ReportInterval, ReportInterval);
        var failure = campaign.Run();
        Console.Error.WriteLine(Rate(campaign, watch.Elapsed));
        if (failure is not null) Console.Error.WriteLine(failure.Failure);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sim first={first} seeds={campaign.Worlds} events={events} turns={campaign.Turns} " +
            $"seconds={watch.Elapsed.TotalSeconds:0.0} failed={(failure is null ? "none" : failure.Seed)}"));
        return failure is null ? 0 : 1;
    }

    /// <summary>Does not stop at a failure: which kinds of failures there are, how often, and a seed of each.</summary>
    private static int Survey(ulong first, long seeds, int events)
    {
        var failures = new ConcurrentBag<RunResult>();
        Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = SimulationSettings.Threads }, index =>
        {
            var result = Simulator.Run(first + (ulong)index, events);
            if (result.Failure is not null) failures.Add(result);
        });
        foreach (var kind in failures.GroupBy(result => KindOf(result.Failure!))
            .OrderByDescending(kind => kind.Count()))
            Console.WriteLine($"{kind.Count(),6}  {kind.Key}  seed {kind.MinBy(result => result.Turns)!.Seed}");
        Console.WriteLine($"{failures.Count} of {seeds} failed");
        return failures.IsEmpty ? 0 : 1;
    }

    private static string KindOf(string failure)
    {
        var line = failure.Split('\n')[0];
        return string.Concat(
            line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..].Where(letter => !char.IsAsciiDigit(letter)));
    }

    private static long Number(string[] arguments, int index, long fallback) =>
        index < arguments.Length ? long.Parse(arguments[index], CultureInfo.InvariantCulture) : fallback;

    private static string Rate(Campaign campaign, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{campaign.Worlds} seeds, {campaign.Worlds / elapsed.TotalSeconds:0} seeds/s, " +
        $"{campaign.Turns / elapsed.TotalSeconds:0} turns/s");
}
