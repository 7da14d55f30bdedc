using System.Runtime.InteropServices;
using SQLitePCL;

namespace Queued.Daemon.Storage.Sqlite;

internal enum SqliteAccess
{
    ReadOnly = raw.SQLITE_OPEN_READONLY,
    ReadWrite = raw.SQLITE_OPEN_READWRITE,
    Create = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE,
}

internal enum CheckpointMode
{
    Passive = raw.SQLITE_CHECKPOINT_PASSIVE,
    Truncate = raw.SQLITE_CHECKPOINT_TRUNCATE,
}

/// <summary>One connection on SQLite's own API. It is used by one thread at a time.</summary>
internal sealed partial class SqliteDatabase : IDisposable
{
    /// <summary>Older ones can damage a database in WAL mode when a checkpoint meets a reset of the log.</summary>
    private const int OldestVersion = 3_051_003;

    public const int Corrupt = raw.SQLITE_CORRUPT;

    private const int NoCheckpointOnClose = 1006;
    private const int CacheWrites = 9;
    private const int MessageNoMemory = 7;

    private readonly sqlite3 _handle;

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    public string Path { get; }

    public static string Version => raw.sqlite3_libversion().utf8_to_string();

    public bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    internal sqlite3 Handle => _handle;

    /// <param name="path">An absolute path.</param>
    /// <param name="access">What may be done to it.</param>
    /// <param name="fileSystem">Name of the registered SQLite VFS. Null: the system's.</param>
    /// <exception cref="StoreFailedException">It cannot be opened.</exception>
    public static SqliteDatabase Open(string path, SqliteAccess access, string? fileSystem = null)
    {
        if (raw.sqlite3_libversion_number() < OldestVersion)
        {
            throw new StoreFailedException(path, "open", 0, 0,
                $"the SQLite library is {Version}; this needs 3.51.3 or newer, such as the one it is shipped with");
        }

        var flags = (int)access | raw.SQLITE_OPEN_NOMUTEX | raw.SQLITE_OPEN_PRIVATECACHE;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, fileSystem);
        var database = new SqliteDatabase(handle, path);
        try
        {
            raw.sqlite3_extended_result_codes(handle, 1);
            database.Check(code, "open");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that give no rows, or whose rows do not matter.</summary>
    public void Execute(string sql, string operation) => Check(raw.sqlite3_exec(_handle, sql), operation);

    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var statement), "prepare");
        return new SqliteStatement(this, statement);
    }

    public long ReadNumber(string sql, string operation)
    {
        using var statement = Prepare(sql);
        return statement.Step(operation) ? statement.Number(0) : 0;
    }

    /// <summary>The first column of every row.</summary>
    public IReadOnlyList<string> ReadTexts(string sql, string operation)
    {
        using var statement = Prepare(sql);
        var texts = new List<string>();
        while (statement.Step(operation)) texts.Add(statement.Text(0));
        return texts;
    }

    /// <summary>Frames that are in the log, and those of them that are in the database too.</summary>
    public (int Frames, int Copied) Checkpoint(CheckpointMode mode)
    {
        Check(
            raw.sqlite3_wal_checkpoint_v2(_handle, null, (int)mode, out var frames, out var copied),
            mode == CheckpointMode.Truncate ? "checkpoint (TRUNCATE)" : "checkpoint");
        return (frames, copied);
    }

    /// <summary>Pages written since the last call; in WAL mode they went to the log.</summary>
    public int TakePagesWritten()
    {
        Check(raw.sqlite3_db_status(_handle, CacheWrites, out var pages, out _, 1), "status");
        return pages;
    }

    /// <summary>Leaves the log as it is: what a failed flush left in it must be read again, not trusted.</summary>
    public void ForbidCheckpointOnClose() =>
        Check(raw.sqlite3_db_config(_handle, NoCheckpointOnClose, 1, out _), "configuration");

    /// <summary>Nothing is left in the log, and its file goes.</summary>
    public void AllowCheckpointOnClose() =>
        Check(raw.sqlite3_db_config(_handle, NoCheckpointOnClose, 0, out _), "configuration");

    public void Rollback()
    {
        if (IsInTransaction) Execute("ROLLBACK", "rollback");
    }

    public void Dispose() => _handle.Dispose();

    internal void Check(int code, string operation)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW) return;
        throw Failure(code, operation);
    }

    internal StoreFailedException Failure(int code, string operation)
    {
        if (_handle.IsInvalid || (code & 0xff) == MessageNoMemory)
        {
            return new StoreFailedException(Path, operation, code, 0, raw.sqlite3_errstr(code).utf8_to_string());
        }

        var extended = raw.sqlite3_extended_errcode(_handle);
        return new StoreFailedException(
            Path, operation, extended == 0 ? code : extended, SystemError(_handle.DangerousGetHandle()),
            raw.sqlite3_errmsg(_handle).utf8_to_string());
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_system_errno")]
    private static partial int SystemError(nint database);
}
