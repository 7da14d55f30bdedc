using Queued.Client;

namespace Queued.Crash;

/// <summary>
/// A harness that finds nothing proves nothing: the store is spoiled between kill and restart, and ledgers are written
/// that break each rule. All of it must be found.
/// </summary>
internal sealed class SelfTest(CrashOptions options)
{
    private const int RoundsMax = 10;

    private static readonly (Sabotage Sabotage, string Found)[] Spoiled =
    [
        (Sabotage.Log, "acknowledged data has vanished"),
        (Sabotage.LogAndMark, "was acknowledged and is lost"),
        (Sabotage.OldCopy, "was acknowledged and is lost"),
    ];

    private static readonly (string Found, string[] Client, string[] Worker, TaskState? State)[] Broken =
    [
        ("was acknowledged and is lost", ["A 1 c-0 7"], [], null),
        ("ended Succeeded, a client was told, and is Queued now", ["A 1 c-0 7", "O 5 7 Succeeded 1"], [],
            TaskState.Queued),
        ("ran again", ["A 1 c-0 7", "O 5 7 Succeeded 1"], ["R 6 7 2"], TaskState.Succeeded),
        ("ended twice", ["A 1 c-0 7", "O 5 7 Succeeded 1", "O 6 7 Succeeded 1"], [], TaskState.Succeeded),
        ("ended Failed", ["A 1 c-0 7", "O 5 7 Failed 1"], [], TaskState.Failed),
        ("ended Succeeded", ["A 1 c-47 7", "O 5 7 Succeeded 1"], [], TaskState.Succeeded),
        ("was cancelled", ["A 1 c-49 7", "C 5 7"], [], TaskState.Scheduled),
        ("was acknowledged as 7 and as 8", ["A 1 c-0 7", "A 2 c-0 8"], [], TaskState.Queued),
        ("acknowledged before and again as c-1", ["A 1 c-0 7", "A 2 c-1 7"], [], TaskState.Queued),
        ("made the tasks", ["A 1 c-1 8"], [], TaskState.Queued),
        ("it takes 2", ["A 1 c-44 7", "O 5 7 Succeeded 1"], [], TaskState.Succeeded),
        ("ran as attempt 3", ["A 1 c-0 7", "O 5 7 Succeeded 1"], ["R 4 7 3"], TaskState.Succeeded),
        ("gave another result", ["A 1 c-0 7", "O 5 7 Succeeded 1", "W 6 7"], [], TaskState.Succeeded),
        ("", ["A 1 c-0 7", "O 5 7 Succeeded 1"], ["R 4 7 1"], TaskState.Succeeded),
    ];

    private int _failures;

    public static async Task<int> RunAsync(CrashOptions options)
    {
        var test = new SelfTest(options);
        foreach (var (found, client, worker, state) in Broken) test.Expect(found, Read(client, worker, state));
        foreach (var (sabotage, found) in Spoiled) test.Expect(found, await test.SpoilAsync(sabotage));
        return test._failures == 0 ? 0 : 1;
    }

    /// <summary>A run by hand: the ledgers, then what the daemon says of the task 7, whose key is c-1.</summary>
    private static List<string> Read(string[] client, string[] worker, TaskState? state)
    {
        var folder = Directory.CreateTempSubdirectory("queued-crash-").FullName;
        var books = new Books();
        foreach (var (name, lines) in (ReadOnlySpan<(string, string[])>)[("client", client), ("worker", worker)])
        {
            var path = Path.Combine(folder, name);
            File.WriteAllText(path, string.Concat(lines.Select(line => line + "\n")));
            books.Add(new LedgerReader(path));
        }

        books.ReadNew();
        foreach (var task in books.Open.ToList()) books.Found(task, state, 100);
        books.Listed(new TaskId(7), "c-1");
        Directory.Delete(folder, recursive: true);
        return books.Violations;
    }

    private async Task<IReadOnlyList<string>> SpoilAsync(Sabotage sabotage)
    {
        var folder = Directory.CreateTempSubdirectory("queued-crash-").FullName;
        using var daemon = new DurableDaemon(options.Daemon, folder);
        var run = new CrashRun(options with { Rounds = RoundsMax, Sabotage = sabotage }, folder, daemon);
        await run.RunAsync();
        Directory.Delete(folder, recursive: true);
        return run.Violations;
    }

    private void Expect(string what, IReadOnlyList<string> violations)
    {
        var isFound = what.Length == 0
            ? violations.Count == 0
            : violations.Any(violation => violation.Contains(what, StringComparison.Ordinal));
        if (!isFound) _failures++;
        Console.WriteLine($"{(isFound ? "found" : "NOT FOUND")}: {(what.Length == 0 ? "nothing" : what)}");
        if (!isFound) Console.WriteLine($"  in {violations.Count}: {string.Join("\n  ", violations.Take(5))}");
    }
}
