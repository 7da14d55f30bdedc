using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>
/// The store on SQLite. One thread has the connection and does everything with it; a group of changes is what arrived
/// while the last one was written, so an idle daemon waits for one flush and a busy one flushes once for many.
/// </summary>
internal sealed class SqliteStore : IStore
{
    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<SqliteStore> _logger;
    private readonly StoreFile _file;
    private readonly PayloadCheck _check;
    private readonly StoreWriter _writer;
    private readonly List<string> _damage = [];
    private int _isStarted;

    private SqliteStore(
        StoreOptions options, TimeProvider time, ILogger<SqliteStore> logger, StoreFile file, HighWaterMark mark,
        PayloadCheck check)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _file = file;
        _check = check;
        _writer = new StoreWriter(options, file, mark, check, time, logger);
    }

    public event Action<bool>? SpaceChanged
    {
        add => _writer.SpaceChanged += value;
        remove => _writer.SpaceChanged -= value;
    }

    public event Action<IReadOnlyList<SegmentId>>? SegmentsRead
    {
        add => _writer.SegmentsRead += value;
        remove => _writer.SegmentsRead -= value;
    }

    public event Action<Exception>? Failed
    {
        add => _writer.Failed += value;
        remove => _writer.Failed -= value;
    }

    public bool IsFull => _writer.IsFull;

    public bool IsCrowded => _writer.IsCrowded;

    public IReadOnlyList<string> Problems => [.. _damage, .. _writer.Problems];

    /// <exception cref="Hosting.StartupException">The daemon must not start on this store.</exception>
    /// <exception cref="StoreFailedException">The disk refused.</exception>
    public static SqliteStore Open(StoreOptions options, TimeProvider time, ILogger<SqliteStore> logger)
    {
        var (file, mark, isUnclean) = StoreOpening.Open(options, logger);
        var check = new PayloadCheck(options, isUnclean ? file.Record.LastTask : 0, logger);
        return new SqliteStore(options, time, logger, file, mark, check);
    }

    public BrokerSnapshot Load()
    {
        if (Volatile.Read(ref _isStarted) != 0)
            throw new InvalidOperationException("The store is loaded once, before anything is appended.");
        var loader = new StoreLoader(_file, _time);
        var snapshot = OrDamaged(loader.Load);
        return snapshot with { Tasks = ThenStart(loader, snapshot.Tasks) };
    }

    public ValueTask AppendAsync(IReadOnlyList<Change> changes, bool mustFlush)
    {
        Start();
        var stored = _writer.Add(new AppendJob(changes), out var isCrowded);
        return mustFlush || isCrowded ? new ValueTask(stored) : ValueTask.CompletedTask;
    }

    public ValueTask<TaskPayload> ReadPayloadAsync(TaskId task, PayloadKind kind)
    {
        Start();
        var job = new ReadJob(task, kind);
        _writer.Add(job, out _);
        return new ValueTask<TaskPayload>(job.Read);
    }

    public Task<long> BackupAsync(string path, CancellationToken cancellationToken)
    {
        Start();
        var job = new BackupJob(path, cancellationToken);
        _writer.Add(job, out _);
        return job.Done;
    }

    public void StopWaitingForRoom() => _writer.StopWaitingForRoom();

    public async ValueTask DisposeAsync()
    {
        Start();
        await _writer.CloseAsync();
        _writer.Dispose();
    }

    /// <summary>A page may be damaged where no check has looked: after an end in order there is none.</summary>
    private T OrDamaged<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (StoreFailedException e) when (e.IsDamage)
        {
            throw new StoreDamagedException(e, _options);
        }
    }

    private IEnumerable<StoredTask> ThenStart(StoreLoader loader, IEnumerable<StoredTask> tasks)
    {
        using (var read = tasks.GetEnumerator())
        {
            Func<bool> next = read.MoveNext;
            while (OrDamaged(next)) yield return read.Current;
        }

        foreach (var row in loader.Damaged)
        {
            StoreLog.RowDamaged(_logger, row.Table, row.Row, row.Reason, _options.DatabasePath);
            _damage.Add($"damaged and set aside in {_options.DatabasePath}: {row}");
        }

        // Whether or not anybody wants something of the store.
        if (_check.IsPending) Start();
    }

    private void Start()
    {
        // Two may be the first: a payload is read on any thread.
        if (Volatile.Read(ref _isStarted) == 0 && Interlocked.Exchange(ref _isStarted, 1) == 0) _writer.Start();
    }
}

internal static partial class StoreLog
{
    [LoggerMessage(1, LogLevel.Error,
        "The row {Row} of the table {Table} in {Path} is damaged and was set aside in the table quarantine: {Reason}")]
    public static partial void RowDamaged(ILogger logger, string table, string row, string reason, string path);

    [LoggerMessage(2, LogLevel.Error,
        "The store has failed; nothing is acknowledged until it is reopened and its log is in the database")]
    public static partial void Reopens(ILogger logger, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "The store {Path} works again")]
    public static partial void Reopened(ILogger logger, string path);

    [LoggerMessage(4, LogLevel.Error, "No room for {Path}: nothing is acknowledged until there is. {Message}")]
    public static partial void Full(ILogger logger, string path, string message);

    [LoggerMessage(5, LogLevel.Warning, "There is room for {Path} again")]
    public static partial void RoomAgain(ILogger logger, string path);

    [LoggerMessage(6, LogLevel.Warning,
        "Takes no new tasks for durable queues: {Available} bytes are free where {Path} is, the watermark is " +
        "{Watermark}")]
    public static partial void SpaceShort(ILogger logger, string path, long available, long watermark);

    [LoggerMessage(7, LogLevel.Information,
        "Takes tasks for durable queues again: {Available} bytes are free where {Path} is")]
    public static partial void SpaceBack(ILogger logger, string path, long available);

    [LoggerMessage(8, LogLevel.Error, "The store gives up")]
    public static partial void GivesUp(ILogger logger, Exception exception);

    [LoggerMessage(9, LogLevel.Error, "The {Kind} of task {Task} cannot be read from {Path}: {Reason}")]
    public static partial void PayloadLost(
        ILogger logger, PayloadKind kind, TaskId task, string path, string reason);

    [LoggerMessage(10, LogLevel.Warning, "The high-water mark {Path} could not be written")]
    public static partial void MarkFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(13, LogLevel.Error, "Damaged in {Path}: {Row}")]
    public static partial void PayloadDamaged(ILogger logger, string path, DamagedRow row);

    [LoggerMessage(14, LogLevel.Information, "All payloads in {Path} were read; {Damaged} tasks are damaged")]
    public static partial void PayloadsChecked(ILogger logger, string path, long damaged);

    [LoggerMessage(12, LogLevel.Warning, "The room left where {Path} is cannot be measured")]
    public static partial void NotMeasured(ILogger logger, string path, Exception exception);

    [LoggerMessage(11, LogLevel.Information, "The backup {Path} is complete")]
    public static partial void BackedUp(ILogger logger, string path);
}
