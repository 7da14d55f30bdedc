using System.Collections.Concurrent;
using System.Diagnostics;
using Queued.Client;
using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>A daemon in a directory of its own, which may be killed and started again.</summary>
internal sealed class FaultDaemon : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TestFolder _folder;
    private readonly bool _ownsFolder;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private bool _isKilled;
    private int _gates;
    private int _pools;

    private FaultDaemon(TestFolder folder, bool ownsFolder, Process process)
    {
        (_folder, _ownsFolder, _process) = (folder, ownsFolder, process);
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
        Client = new QueuedClient(new QueuedClientOptions { Address = $"unix:{folder.Socket}" });
    }

    public static string Worker => BuiltPrograms.Of("tests/FaultyWorker", "queued-faulty-worker");

    public QueuedClient Client { get; }

    public string Socket => _folder.Socket;

    public string Folder => _folder.Path;

    public int ProcessId => _process.Id;

    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string> { ["QUEUED_SOCKET"] = $"unix:{Socket}" };

    /// <param name="folder">Where it is, kept after its end. Null: a new directory, gone with it.</param>
    /// <param name="settings">Flags of serve beside its places.</param>
    public static async Task<FaultDaemon> StartAsync(TestFolder? folder = null, params string[] settings)
    {
        var place = folder ?? new TestFolder();
        var start = new ProcessStartInfo(BuiltPrograms.Daemon, Arguments(place, settings))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var daemon = new FaultDaemon(place, folder is null, Process.Start(start)!);
        var line = await daemon._process.StandardOutput.ReadLineAsync().WaitAsync(Deadline);
        if (line is not null && line.StartsWith("queued ", StringComparison.Ordinal))
        {
            return daemon;
        }

        await daemon.DisposeAsync();
        throw new InvalidOperationException($"The daemon did not get ready.\n{daemon.Log}");
    }

    public static string[] Arguments(TestFolder folder, params string[] settings) =>
    [
        "serve", "--config", folder.EmptyConfiguration, "--socket", folder.Socket, "--data", folder.Data,
        "--log-level", "debug", .. settings,
    ];

    public string Log => string.Join('\n', _log);

    public Gate AddGate() => new(Path.Combine(Folder, $"gate-{Interlocked.Increment(ref _gates)}"));

    /// <summary>A pool of faulty workers with a queue of its own; completes when all of them are ready.</summary>
    /// <param name="size">How many.</param>
    /// <param name="change">What is different from the usual.</param>
    public async Task<FaultPool> AddPoolAsync(int size, Func<PoolSpec, PoolSpec>? change = null)
    {
        var pool = await AddColdPoolAsync(size, change);
        await pool.IsFullAsync();
        return pool;
    }

    /// <summary>The same, but completes at once.</summary>
    /// <inheritdoc cref="AddPoolAsync"/>
    public async Task<FaultPool> AddColdPoolAsync(int size, Func<PoolSpec, PoolSpec>? change = null)
    {
        var name = $"pool-{Interlocked.Increment(ref _pools)}";
        var spec = new PoolSpec { Name = name, Size = size, Queues = [name], Command = [Worker] };
        await Client.Pools.CreateAsync(change?.Invoke(spec) ?? spec);
        return new FaultPool(this, name, size);
    }

    /// <summary>The pool of an earlier daemon on the same data.</summary>
    public FaultPool TakeUp(FaultPool pool) => new(this, pool.Name, pool.Size);

    /// <summary>SIGKILL. Completes when it has ended.</summary>
    public async Task KillAsync()
    {
        _isKilled = true;
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <summary>Stops it politely, and fails where it says that something went wrong.</summary>
    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (!_process.HasExited)
        {
            Processes.Signal(ProcessId, Processes.TermSignal);
        }

        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            throw new TimeoutException($"The daemon did not end within {Deadline} of SIGTERM.\n{Log}");
        }

        var exitCode = _process.ExitCode;
        _process.Dispose();
        if (_ownsFolder)
        {
            _folder.Dispose();
        }

        Assert.True(_isKilled || exitCode == 0, $"The daemon ended with {exitCode}.\n{Log}");
        Assert.DoesNotContain(
            _log, line => line.Contains(" fail: ", StringComparison.Ordinal) ||
                line.Contains(" crit: ", StringComparison.Ordinal));
    }
}
