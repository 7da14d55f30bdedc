using System.Globalization;
using Queued.Daemon.Hosting;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>The open database: its settings, its log and its commits. One thread at a time.</summary>
internal sealed class StoreFile : IDisposable
{
    private const int PageBytes = 8192;

    /// <summary>
    /// All but <c>payload</c>: to read that may take minutes, and each of its rows is checked when it is read.
    /// </summary>
    private static readonly string[] Tables = ["meta", "queue", "pool", "idempotency", "task", "quarantine"];

    private readonly StoreOptions _options;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _writeRecord;
    private readonly RowWriter _row = new();
    private int _pagesSinceCheckpoint;

    private StoreFile(StoreOptions options, SqliteDatabase database)
    {
        _options = options;
        Database = database;
        Record = ReadRecord(database);
        InDatabase = Record.Number;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _writeRecord = database.Prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)");
        Changes = new StoreChanges(database, options);
        Payloads = Changes.Payloads;
    }

    public SqliteDatabase Database { get; }

    public StoreChanges Changes { get; }

    public PayloadTable Payloads { get; }

    public CommitRecord Record { get; private set; }

    /// <summary>The database without its log is at this commit, or behind it.</summary>
    public ulong InDatabase { get; private set; }

    /// <summary>Opens the file with every setting that durability needs; makes it where it is missing.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="check">Looks at what is there before anything is changed.</param>
    /// <param name="migrated">Hears of each version that the schema is brought to.</param>
    /// <exception cref="StoreDamagedException">It is not a database of ours that can be read.</exception>
    /// <exception cref="StoreFailedException">The disk refused.</exception>
    public static StoreFile Open(
        StoreOptions options, Action<SqliteDatabase, CommitRecord> check, Action<int> migrated)
    {
        if (options.FileSystem is null) Prepare(options);
        var database = SqliteDatabase.Open(options.DatabasePath, SqliteAccess.Create, options.FileSystem);
        try
        {
            // Whatever happens, a log that is expected stays; after an end in order there is none.
            database.ForbidCheckpointOnClose();
            Configure(database, options);
            CheckIdentity(database, options);
            check(database, StoreSchema.VersionOf(database) == 0 ? CommitRecord.OfNew() : ReadRecord(database));
            StoreSchema.Migrate(database, migrated);
            return new StoreFile(options, database);
        }
        catch (StoreFailedException e) when (e.IsDamage)
        {
            database.Dispose();
            throw new StoreDamagedException(e, options);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The first few faults of the pages, table by table; none: they are sound.</summary>
    public static IReadOnlyList<string> QuickCheck(SqliteDatabase database) =>
    [
        .. Tables.SelectMany(table => database.ReadTexts($"PRAGMA quick_check({table})", "quick check"))
            .Where(line => line != "ok").Take(10),
    ];

    public void Begin() => _begin.Run("begin");

    /// <summary>The moment of truth: when this returns, everything since <see cref="Begin"/> is on the disk.</summary>
    public void Commit(bool isClosed = false)
    {
        var record = Record with
        {
            Number = Record.Number + 1,
            LastTask = Math.Max(Record.LastTask, Changes.LastTask),
            IsClosed = isClosed,
        };
        _writeRecord.Bind(1, CommitRecord.Key).Bind(2, record.Write(_row)).Run("write of the commit record");
        _commit.Run("commit");
        Record = record;
        _pagesSinceCheckpoint += Database.TakePagesWritten();
    }

    public void Rollback() => Database.Rollback();

    public bool NeedsCheckpoint => (long)_pagesSinceCheckpoint * PageBytes >= _options.CheckpointBytes;

    public bool HasLog => _pagesSinceCheckpoint > 0;

    /// <summary>
    /// Copies the log into the database and begins it anew, with a commit of nothing: where the database is whole by
    /// itself it has that one, and where the log was deleted it has not.
    /// </summary>
    public void Checkpoint()
    {
        InDatabase = Record.Number;
        Database.Checkpoint(CheckpointMode.Passive);
        BeginLog();
    }

    /// <summary>Its file is to be cut.</summary>
    public bool IsLogTooLong => _options.FileSystem is null && File.Exists(_options.LogPath) &&
        new FileInfo(_options.LogPath).Length > _options.LogBytesMax;

    /// <summary>Everything into the database and flushed, nothing left in the log.</summary>
    public void Truncate()
    {
        InDatabase = Record.Number;
        Database.Checkpoint(CheckpointMode.Truncate);
        _pagesSinceCheckpoint = 0;
    }

    /// <summary>
    /// A commit of nothing but its number, so that the log has something that the database has not. No reason for
    /// another checkpoint.
    /// </summary>
    public void BeginLog()
    {
        CommitNothing();
        _pagesSinceCheckpoint = 0;
    }

    public void CommitNothing()
    {
        try
        {
            Begin();
            Commit();
        }
        catch (StoreFailedException e) when (e.IsFull)
        {
            Rollback();
            throw;
        }
    }

    /// <summary>Gives back some free pages at the end of the file. Whether there are enough left to go on.</summary>
    public bool Shrink(int pages)
    {
        var free = Database.ReadNumber("PRAGMA freelist_count", "count of free pages");
        var all = Database.ReadNumber("PRAGMA page_count", "count of pages");
        if (free < pages || free * 4 < all) return false;
        Database.Execute(
            string.Create(CultureInfo.InvariantCulture, $"PRAGMA incremental_vacuum({pages})"), "incremental vacuum");
        _pagesSinceCheckpoint += Database.TakePagesWritten();
        return true;
    }

    public void Dispose()
    {
        Changes.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _writeRecord.Dispose();
        Database.Dispose();
    }

    internal static void Configure(SqliteDatabase database, StoreOptions options)
    {
        // The log's index is in memory only where the lock is exclusive before the log is first used.
        database.Execute("PRAGMA locking_mode = EXCLUSIVE", "settings");
        // Before the first table alone: the vacuum is written each time, and what is refused stays as it was found.
        if (database.ReadNumber("PRAGMA page_count", "count of pages") == 0)
        {
            database.Execute(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"PRAGMA page_size = {PageBytes}; PRAGMA auto_vacuum = INCREMENTAL"),
                "settings");
        }

        database.Execute(
            string.Create(CultureInfo.InvariantCulture, $"""
                PRAGMA cell_size_check = ON;
                PRAGMA mmap_size = 0;
                PRAGMA trusted_schema = OFF;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -{options.CacheBytes / 1024};
                """),
            "settings");
        var mode = database.ReadTexts("PRAGMA journal_mode = WAL", "start of the log").Single();
        if (mode != "wal")
        {
            throw new StoreFailedException(
                database.Path, "start of the log", 0, 0, $"the file system allows {mode} only, not a write-ahead log");
        }

        database.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0", "settings");
    }

    private static void Prepare(StoreOptions options)
    {
        if (FileStatus.Of(options.DatabasePath) is not { } status)
        {
            DiskFile.CreatePrivate(options.DatabasePath);
            DiskFile.FlushDirectory(options.Directory);
            return;
        }

        if (!status.IsRegular || !status.IsOurs)
        {
            throw new StartupException(ExitCode.NoPermission,
                $"{options.DatabasePath} is not a file of user {FileStatus.CurrentUser}, who runs the daemon");
        }

        if ((status.Permissions & ~DiskFile.OwnerOnly) != 0)
        {
            throw new StartupException(ExitCode.NoPermission,
                $"{options.DatabasePath} has mode {FileStatus.Octal(status.Permissions)}; others must not reach it: " +
                $"chmod 0600 {options.DatabasePath}");
        }
    }

    internal static void CheckIdentity(SqliteDatabase database, StoreOptions options)
    {
        var application = StoreSchema.ApplicationOf(database);
        var version = StoreSchema.VersionOf(database);
        var isEmpty = database.ReadNumber("SELECT count(*) FROM sqlite_schema", "read of the schema") == 0;
        if (isEmpty && version == 0) return;
        if (application != StoreSchema.ApplicationId)
        {
            throw new StartupException(ExitCode.Configuration,
                $"{options.DatabasePath} is a database of another program; choose another data directory");
        }

        if (version > StoreSchema.Latest)
        {
            throw new StartupException(ExitCode.Configuration,
                $"{options.DatabasePath} has version {version} of the schema and this queued knows up to " +
                $"{StoreSchema.Latest}: run the newer queued that wrote it, or restore a backup of before");
        }
    }

    internal static CommitRecord ReadRecord(SqliteDatabase database)
    {
        using var read = database.Prepare("SELECT value FROM meta WHERE key = ?1");
        if (!read.Bind(1, CommitRecord.Key).Step("read of the commit record"))
        {
            return CommitRecord.OfNew();
        }

        try
        {
            return CommitRecord.Read(read.Bytes(0));
        }
        catch (DamagedRowException e)
        {
            throw new StoreFailedException(
                database.Path, "read of the commit record", SqliteDatabase.Corrupt, 0, e.Message, e);
        }
        finally
        {
            read.Reset();
        }
    }
}
