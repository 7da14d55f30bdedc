using System.Globalization;
using System.Runtime.CompilerServices;

namespace Queued.Daemon.Tests.Allocations;

/// <summary>What a task was found to allocate, in <c>recorded.txt</c> beside this: a line for each way.</summary>
internal static class Recorded
{
    /// <summary>What another release of .NET, or of a library, may make of it.</summary>
    private const double Tolerance = 0.1;

    private const string Again =
        "If that is meant, record it: UPDATE_ALLOCATIONS=1 dotnet test tests/Daemon -c Release --filter Allocation";

    /// <summary>Null: it is about what was recorded.</summary>
    public static string? Compare(string way, double bytes)
    {
        var all = Read();
        if (!all.TryGetValue(way, out var recorded)) return $"Nothing is recorded for '{way}'. {Again}";
        var change = (bytes / recorded) - 1;
        return Math.Abs(change) <= Tolerance
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{way}: a task allocates {bytes:F0} bytes, {Math.Abs(change):P0} {(change > 0 ? "more" : "less")} " +
                $"than the {recorded} that are recorded. {Again}");
    }

    public static void Write(string way, double bytes)
    {
        var all = Read();
        all[way] = (int)Math.Round(bytes);
        File.WriteAllLines(Path(), all.Select(line => $"{line.Key} = {line.Value}"));
    }

    public static SortedDictionary<string, int> Read() => new(
        File.ReadAllLines(Path()).Select(line => line.Split(" = ")).ToDictionary(
            parts => parts[0], parts => int.Parse(parts[1], CultureInfo.InvariantCulture)),
        StringComparer.Ordinal);

    private static string Path([CallerFilePath] string here = "") =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "recorded.txt");
}
