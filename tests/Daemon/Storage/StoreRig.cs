using Microsoft.Extensions.Logging;
using Queued.Broker;
using Queued.Daemon.Storage;
using Queued.Daemon.Tests.Hosting;

namespace Queued.Daemon.Tests.Storage;

/// <summary>A store in a directory of its own, opened and left as often as a test likes.</summary>
internal sealed class StoreRig : IDisposable
{
    private readonly TestDirectory _directory = new();

    public StoreRig(bool onFaultyDisk = false, int seed = 1)
    {
        if (onFaultyDisk) Disk = new FaultyDisk(_directory.Path, seed);
        Options = new StoreOptions
        {
            Directory = _directory.Path,
            FileSystem = onFaultyDisk ? FaultyDisk.Name : null,
            LengthOf = onFaultyDisk ? Disk!.LengthOf : null,
            WriteAgain = onFaultyDisk ? Disk!.WriteAgain : null,
            FreeBytesMin = 0,
            FreePercentMin = 0,
        };
    }

    public static DateTimeOffset Start { get; } = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    public StoreOptions Options { get; set; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public FaultyDisk? Disk { get; }

    public LogLines Log { get; } = new();

    public string Path => _directory.Path;

    public SqliteStore Open() => SqliteStore.Open(Options, Time, new Logger<SqliteStore>(Log));

    /// <summary>Opens, with everything read.</summary>
    public (SqliteStore Store, LoadedStore Loaded) OpenLoaded()
    {
        var store = Open();
        var snapshot = store.Load();
        return (store, new LoadedStore(
            [.. snapshot.Queues], [.. snapshot.Pools], [.. snapshot.Keys], [.. snapshot.Tasks], snapshot.LastTask));
    }

    /// <summary>Everything, from a store that is opened and closed for this.</summary>
    public async Task<LoadedStore> ReadAsync()
    {
        var (store, loaded) = OpenLoaded();
        await store.DisposeAsync();
        return loaded;
    }

    public static Change.TaskAdded Added(ulong id, string payload = "", string queue = "q") => new(new StoredTask(
        new TaskId(id),
        new TaskSubmission { Handler = "h", Queue = queue, Payload = Bytes(payload) },
        Start, null, new TaskStanding(TaskState.Queued)));

    public static Change.TaskEnded Ended(ulong id, string result) => new(
        new TaskId(id),
        new TaskStanding(TaskState.Succeeded) { Attempt = 1, End = new StoredEnd(Start, Bytes(result), null, false) });

    public static TaskPayload Bytes(string text) => new(System.Text.Encoding.UTF8.GetBytes(text), "text/plain");

    public static string Text(TaskPayload payload) => System.Text.Encoding.UTF8.GetString(payload.Data.Span);

    public void Dispose()
    {
        Disk?.Dispose();
        _directory.Dispose();
        Log.Dispose();
    }
}

internal sealed record LoadedStore(
    IReadOnlyList<StoredQueue> Queues, IReadOnlyList<PoolSettings> Pools, IReadOnlyList<StoredKey> Keys,
    IReadOnlyList<StoredTask> Tasks, TaskId? LastTask)
{
    public IEnumerable<ulong> Ids => Tasks.Select(task => task.Id.Value);
}

/// <summary>What was logged, for tests that ask who was told.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly List<string> _lines = [];
    private readonly List<string?> _threads = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    /// <summary>Hears each line on the thread that logs it, which waits for that.</summary>
    public Action<string>? Logged { get; set; }

    /// <summary>The name of the thread that logged the first line with this text.</summary>
    public string? ThreadOf(string text)
    {
        lock (_lines) return _threads[_lines.FindIndex(line => line.Contains(text, StringComparison.Ordinal))];
    }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel}: {formatter(state, exception)} {exception?.Message}";
        lock (_lines)
        {
            _lines.Add(line);
            _threads.Add(Thread.CurrentThread.Name);
        }

        Logged?.Invoke(line);
    }

    public void Dispose()
    {
    }
}
