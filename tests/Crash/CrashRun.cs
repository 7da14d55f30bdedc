using System.Diagnostics;

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
    private const int ViolationsShown = 20;
    private static readonly TimeSpan RoundMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly Books _books = new();
    private readonly Random _random = new(options.Seed);
    private readonly List<double> _restarts = [];
    private readonly List<int> _acknowledged = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _checked;

    public IReadOnlyList<string> Violations => _books.Violations;

    private string StopFile => Path.Combine(folder, "stop");

    private string PauseFile => Path.Combine(folder, "pause");

    /// <returns>The exit code of the harness.</returns>
    public static async Task<int> RunAsync(CrashOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("queued-crash-").FullName;
        using var daemon = new DurableDaemon(options.Daemon, folder);
        Console.WriteLine($"seed {options.Seed}, {options.Rounds} rounds");
        var run = new CrashRun(options, folder, daemon);
        await run.RunAsync();
        run.Report();
        var isGood = run.Violations.Count == 0;
        if (isGood) Directory.Delete(folder, recursive: true);
        else Console.WriteLine($"The ledgers and the data are in {folder}; the daemon's last log:\n{daemon.Log}");
        return isGood ? 0 : 1;
    }

    public async Task RunAsync()
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
        catch (DaemonRefusedException e)
        {
            _books.Violations.Add(e.Message);
        }
        finally
        {
            foreach (var process in clients.Concat(workers)) process.Kill();
        }

        await daemon.StopAsync();
    }

    private string NewLedger(string name)
    {
        var path = Path.Combine(folder, name);
        _books.Add(new LedgerReader(path));
        return path;
    }

    /// <summary>
    /// Load up to a random moment, and on to the least number of acknowledgements; SIGKILL, a restart, and a look at
    /// everything.
    /// </summary>
    private async Task RunRoundAsync(int round)
    {
        var before = _books.Count;
        var started = Stopwatch.GetTimestamp();
        var moment = TimeSpan.FromMilliseconds(_random.Next(20, 2001));
        using (var timer = new PeriodicTimer(Look))
        {
            do _books.ReadNew();
            while (await timer.WaitForNextTickAsync() && Stopwatch.GetElapsedTime(started) is var elapsed &&
                (elapsed < moment || (_books.Count - before < AcknowledgedMin && elapsed < RoundMax)));
        }

        await daemon.KillAsync();
        var killed = Stopwatch.GetElapsedTime(started);
        await File.WriteAllTextAsync(PauseFile, "");
        _books.ReadNew();
        var acknowledged = _books.Count - before;
        _acknowledged.Add(acknowledged);
        if (acknowledged < AcknowledgedMin)
            _books.Violations.Add($"round {round}: {acknowledged} acknowledged within {RoundMax}, which is too few");

        daemon.Store.Spoil(options.Sabotage);
        var restart = await daemon.StartAsync();
        _restarts.Add(restart.TotalMilliseconds);
        var looked = await CheckAsync(_books.Open);
        _books.Settle();
        File.Delete(PauseFile);
        var whole = Stopwatch.GetElapsedTime(started);
        Console.WriteLine(
            $"round {round}: killed after {killed.TotalMilliseconds:0} ms, {acknowledged} acknowledged, " +
            $"ready in {restart.TotalMilliseconds:0} ms, {looked} looked at, {whole.TotalMilliseconds:0} ms in all");
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
        foreach (var task in _books.Latest.Where(task => task.Told is null))
            _books.Violations.Add($"nobody was told of the end of task {task.Id} ({task.Key})");
        await CheckAsync(_books.Latest.Where(
            task => Stopwatch.GetElapsedTime(task.ToldAt) < DurableDaemon.ReadableFor));
    }

    private async Task<int> CheckAsync(IEnumerable<TaskRecord> tasks)
    {
        await using var client = daemon.NewClient();
        TaskRecord[] some = [.. tasks];
        var states = await new StateReader(client, _books).ReadAsync(some);
        var time = Ledger.Now;
        // What clients were told before the answers came, and not since.
        foreach (var task in some) _books.Found(task, states.TryGetValue(task.Id, out var state) ? state : null, time);
        _checked += some.Length;
        return some.Length;
    }

    private void Report()
    {
        foreach (var violation in _books.Violations.Take(ViolationsShown)) Console.WriteLine($"VIOLATION: {violation}");
        if (_books.Violations.Count > ViolationsShown) Console.WriteLine($"… {_books.Violations.Count} in all");
        if (_restarts.Count == 0) return;

        _restarts.Sort();
        var seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds / _restarts.Count;
        Console.WriteLine($"""
            rounds           {_restarts.Count}, {seconds:0.0} s each
            acknowledged     {_books.Count} tasks, {_acknowledged.Min()} to {_acknowledged.Max()} in a round
            looked at        {_checked} times after a restart
            restart          median {_restarts[_restarts.Count / 2]:0} ms, {_restarts[0]:0} to {_restarts[^1]:0} ms
            violations       {_books.Violations.Count}
            """);
    }
}
