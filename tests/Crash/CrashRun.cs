using System.Diagnostics;
using System.Globalization;
using Queued.Client;

namespace Queued.Crash;

/// <summary>
/// Kills a daemon under load again and again, and looks after each restart for every task that it has ever acknowledged
/// and that had not been seen to end.
/// </summary>
internal sealed class CrashRun(CrashOptions options, string folder, DurableDaemon daemon)
{
    private const int Clients = 4;
    private const int Workers = 2;
    private const int AcknowledgedMin = 1000;
    private const int ReadsAtOnce = 256;
    private const int ViolationsShown = 20;
    private static readonly TimeSpan RoundMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly Books _books = new();
    private readonly Random _random = new(options.Seed);
    private readonly List<double> _restarts = [];
    private readonly List<int> _acknowledged = [];
    private long _checked;

    private string StopFile => Path.Combine(folder, "stop");

    private string PauseFile => Path.Combine(folder, "pause");

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (CrashOptions.Parse(arguments) is not { } options)
        {
            await Console.Error.WriteLineAsync(CrashOptions.Usage);
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("queued-crash-").FullName;
        using var daemon = new DurableDaemon(options.Daemon, folder);
        Console.WriteLine($"seed {options.Seed}, {options.Rounds} rounds");
        var run = new CrashRun(options, folder, daemon);
        var isGood = await run.RunAsync();
        if (isGood) Directory.Delete(folder, recursive: true);
        else Console.WriteLine($"The ledgers and the data are in {folder}; the daemon's last log:\n{daemon.Log}");
        return isGood ? 0 : 1;
    }

    private async Task<bool> RunAsync()
    {
        await daemon.StartAsync();
        List<Process> clients = [], workers = [];
        try
        {
            for (var number = 1; number <= Workers; number++)
                workers.Add(Processes.StartRole($"unix:{daemon.Socket}", "worker", NewLedger($"worker-{number}")));
            for (var number = 1; number <= Clients; number++)
                clients.Add(Processes.StartRole(
                    $"unix:{daemon.Socket}", "client", $"c{number}", NewLedger($"client-{number}"), StopFile,
                    PauseFile));

            for (var round = 1; round <= options.Rounds && _books.Violations.Count == 0; round++)
            {
                await RunRoundAsync(round);
                if (clients.Concat(workers).FirstOrDefault(process => process.HasExited) is { } ended)
                    _books.Violations.Add($"a client or worker has ended with {ended.ExitCode} on its own");
            }

            if (_books.Violations.Count == 0) await FinishAsync(clients);
        }
        finally
        {
            foreach (var process in clients.Concat(workers)) process.Kill();
        }

        await daemon.StopAsync();
        Report();
        return _books.Violations.Count == 0;
    }

    private string NewLedger(string name)
    {
        var path = Path.Combine(folder, name);
        _books.Add(new LedgerReader(path));
        return path;
    }

    /// <summary>Some acknowledgements, a random while, SIGKILL, a restart, and a look at everything.</summary>
    private async Task RunRoundAsync(int round)
    {
        var before = _books.Count;
        using (var patience = new CancellationTokenSource(RoundMax))
        using (var timer = new PeriodicTimer(Look))
        {
            do _books.ReadNew();
            while (_books.Count - before < AcknowledgedMin && await timer.WaitForNextTickAsync(patience.Token));
        }

        using (var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(_random.Next(20, 2001))))
            await moment.WaitForNextTickAsync();
        await daemon.KillAsync();
        await File.WriteAllTextAsync(PauseFile, "");
        _books.ReadNew();
        var acknowledged = _books.Count - before;
        _acknowledged.Add(acknowledged);
        var restart = await daemon.StartAsync();
        _restarts.Add(restart.TotalMilliseconds);
        var looked = await CheckAsync(_books.Open);
        File.Delete(PauseFile);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            round {round}: {acknowledged} acknowledged, {looked} looked at, ready in {restart.TotalMilliseconds:0} ms
            """));
    }

    /// <summary>Without faults everything ends, and ends right.</summary>
    private async Task FinishAsync(List<Process> clients)
    {
        await File.WriteAllTextAsync(StopFile, "");
        foreach (var client in clients)
        {
            if (await Processes.EndAsync(client) is var code and not 0)
                _books.Violations.Add($"a client ended with {code}: not all that it waited for has ended");
        }

        _books.ReadNew();
        foreach (var task in _books.All.Where(task => task.Told is null))
            _books.Violations.Add($"nobody was told of the end of task {task.Id} ({task.Key})");
        await CheckAsync(_books.All.Where(
            task => Stopwatch.GetElapsedTime(task.ToldAt) < DurableDaemon.ReadableFor));
    }

    private async Task<int> CheckAsync(IEnumerable<TaskRecord> tasks)
    {
        await using var client = daemon.NewClient();
        var looked = 0;
        foreach (var some in tasks.ToArray().Chunk(ReadsAtOnce))
        {
            var states = await Task.WhenAll(some.Select(task => StateOfAsync(client, task.Id)));
            // What clients were told before the answers came, and not since.
            for (var index = 0; index < some.Length; index++) _books.Found(some[index], states[index]);
            looked += some.Length;
        }

        _checked += looked;
        return looked;
    }

    private static async Task<TaskState?> StateOfAsync(QueuedClient client, TaskId task)
    {
        try
        {
            return (await client.GetTaskAsync(task)).State;
        }
        catch (TaskNotFoundException)
        {
            return null;
        }
    }

    private void Report()
    {
        foreach (var violation in _books.Violations.Take(ViolationsShown)) Console.WriteLine($"VIOLATION: {violation}");
        if (_books.Violations.Count > ViolationsShown) Console.WriteLine($"… {_books.Violations.Count} in all");
        if (_restarts.Count == 0) return;

        _restarts.Sort();
        Console.WriteLine($"""
            rounds           {_restarts.Count}
            acknowledged     {_books.Count} tasks, {_acknowledged.Min()} to {_acknowledged.Max()} in a round
            looked at        {_checked} times after a restart
            restart          median {_restarts[_restarts.Count / 2]:0} ms, {_restarts[0]:0} to {_restarts[^1]:0} ms
            violations       {_books.Violations.Count}
            """);
    }
}
