using System.Collections.Concurrent;
using System.Diagnostics;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// A daemon of its own on a directory of its own, with a queue of each durability that two workers may serve.
/// </summary>
internal sealed class BenchDaemon : IAsyncDisposable
{
    public const string Memory = "memory";
    public const string Async = "async";
    public const string Fsync = "fsync";

    /// <summary>Like the others, and nobody serves them.</summary>
    public const string WaitingMemory = "waiting-memory";
    public const string WaitingFsync = "waiting-fsync";

    private const int Workers = 2;
    private const int Slots = 8;

    // The tasks that wait may be as many as the limit allows by default, and then there are those that are worked on.
    private const string Configuration = """
        {
          "limits": { "tasks_max": 20000000 },
          "queues": {
            "memory": { "durability": "memory" }, "waiting-memory": { "durability": "memory" },
            "async": { "durability": "async" },
            "fsync": { "durability": "fsync" }, "waiting-fsync": { "durability": "fsync" }
          }
        }
        """;

    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private static readonly ConcurrentDictionary<Process, bool> Running = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly string _folder;
    private readonly Process _process;
    private QueuedClient? _client;

    // A daemon outlives who starts it, and this program may be told to end in the middle.
    static BenchDaemon() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Keys) process.Kill();
    };

    private BenchDaemon(string folder, Process process)
    {
        Running[process] = true;
        _folder = folder;
        _process = process;
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    public string Address => $"unix:{SocketOf(_folder)}";

    public QueuedClient Client => _client ??= NewClient();

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan Start { get; private set; }

    public static async Task<BenchDaemon> StartAsync(DaemonProgram program, string folder)
    {
        var configuration = Path.Combine(folder, "queued.json");
        await File.WriteAllTextAsync(configuration, Configuration);
        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(new ProcessStartInfo(
            program.Path,
            [
                "serve", "--config", configuration, "--socket", SocketOf(folder),
                "--data", Path.Combine(folder, "data"), "--log-level", "warn",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var daemon = new BenchDaemon(folder, process);
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(StartMax);
        daemon.Start = Stopwatch.GetElapsedTime(started);
        return line is not null
            ? daemon
            : throw new InvalidOperationException($"The daemon did not start.\n{string.Join('\n', daemon._log)}");
    }

    /// <summary>With two workers that serve the queues that are worked on, all of them ready.</summary>
    public static async Task<BenchDaemon> StartWithWorkersAsync(DaemonProgram program, string folder)
    {
        const string pool = "bench";
        var daemon = await StartAsync(program, folder);
        await daemon.Client.Pools.CreateAsync(new PoolSpec
        {
            Name = pool,
            Size = Workers,
            Slots = Slots,
            Queues = [Memory, Async, Fsync],
            Command = [Environment.ProcessPath!, "worker"],
        });
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await daemon.Client.Pools.GetAsync(pool)).ReadyCount < Workers) await timer.WaitForNextTickAsync();
        return daemon;
    }

    public QueuedClient NewClient() => new(new QueuedClientOptions { Address = Address });

    /// <summary>SIGKILL: what a restart finds is what a power failure leaves, too.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        if (!_process.HasExited) await KillAsync();
        Running.TryRemove(_process, out _);
        _process.Dispose();
    }

    private static string SocketOf(string folder) => Path.Combine(folder, "queued.sock");
}
