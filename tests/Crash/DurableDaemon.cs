using System.Collections.Concurrent;
using System.Diagnostics;
using Queued.Client;

namespace Queued.Crash;

/// <summary>A daemon with one durable queue, on the same directory in each of its lives.</summary>
internal sealed class DurableDaemon(string program, string folder) : IDisposable
{
    private const string Configuration = """
        {
          "limits": { "finished_tasks_max": 200000 },
          "queues": { "crash": { "durability": "fsync", "result_ttl": "10m", "dead_max": 10000 } }
        }
        """;

    /// <summary>So long after its end a task can be read for certain, with time to spare for the reading.</summary>
    public static TimeSpan ReadableFor { get; } = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _process;

    public string Socket { get; } = Path.Combine(folder, "queued.sock");

    public string Log => string.Join('\n', _log);

    public StoreFolder Store { get; } = new(Path.Combine(folder, "data"));

    /// <summary>Completes when it serves.</summary>
    /// <returns>From the start of the process to its ready line.</returns>
    /// <exception cref="DaemonRefusedException">It ended instead.</exception>
    public async Task<TimeSpan> StartAsync()
    {
        var configuration = Path.Combine(folder, "queued.json");
        if (!File.Exists(configuration)) await File.WriteAllTextAsync(configuration, Configuration);
        _log.Clear();
        var started = Stopwatch.GetTimestamp();
        _process = Processes.Start(
            program, Socket, captures: true,
            "serve", "--config", configuration, "--socket", Socket, "--data", Path.Combine(folder, "data"),
            "--log-level", "warn");
        _process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _process.BeginErrorReadLine();
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(StartMax);
        if (line is not null) return Stopwatch.GetElapsedTime(started);
        var code = await Processes.EndAsync(_process);
        throw new DaemonRefusedException($"the daemon ended with {code} instead of starting: {Log}");
    }

    public QueuedClient NewClient() => new(new QueuedClientOptions { Address = $"unix:{Socket}" });

    public async Task KillAsync()
    {
        _process!.Kill();
        await Processes.EndAsync(_process);
        _process.Dispose();
    }

    public async Task<int> StopAsync() => await Processes.TerminateAsync(_process!);

    public void Dispose()
    {
        if (_process is { HasExited: false }) _process.Kill();
        _process?.Dispose();
    }
}

/// <summary>The daemon did not start.</summary>
internal sealed class DaemonRefusedException(string message) : Exception(message);
