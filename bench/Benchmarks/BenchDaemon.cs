using System.Collections.Concurrent;
using System.Diagnostics;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// A daemon of its own on a directory of its own, with a queue of each durability that two pools of workers may serve.
/// </summary>
internal sealed class BenchDaemon : IAsyncDisposable
{
    public const string Memory = "memory";
    public const string Fsync = "fsync";

    /// <summary>Like the other two, and nobody serves them.</summary>
    public const string WaitingMemory = "waiting-memory";
    public const string WaitingFsync = "waiting-fsync";

    private const string Configuration = """
        {
          "queues": {
            "memory": { "durability": "memory" }, "waiting-memory": { "durability": "memory" },
            "fsync": { "durability": "fsync" }, "waiting-fsync": { "durability": "fsync" }
          }
        }
        """;

    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private readonly ConcurrentQueue<string> _log = new();
    private readonly string _folder;
    private readonly Process _process;

    private BenchDaemon(string folder, Process process)
    {
        _folder = folder;
        _process = process;
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

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

    public QueuedClient NewClient() => new(new QueuedClientOptions { Address = $"unix:{SocketOf(_folder)}" });

    /// <summary>Starts workers for the two queues that are worked on.</summary>
    /// <returns>Their processes, all of them ready.</returns>
    public static async Task<int[]> StartWorkersAsync(QueuedClient client, int count, int slots)
    {
        const string pool = "bench";
        await client.Pools.CreateAsync(new PoolSpec
        {
            Name = pool,
            Size = count,
            Slots = slots,
            Queues = [Memory, Fsync],
            Command = [Environment.ProcessPath!, "worker"],
        });
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await client.Pools.GetAsync(pool)).ReadyCount < count) await timer.WaitForNextTickAsync();
        var processes = new List<int>();
        await foreach (var worker in client.Workers.ListAsync(pool)) processes.Add(worker.ProcessId!.Value);
        return [.. processes];
    }

    /// <summary>SIGKILL: what a restart finds is what a power failure leaves, too.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static string SocketOf(string folder) => Path.Combine(folder, "queued.sock");
}
