using SQLitePCL;

namespace Queued.Daemon.Storage.Sqlite;

/// <summary>
/// A copy of a database into an empty one, page by page. What its own connection writes meanwhile is copied too.
/// </summary>
internal sealed class SqliteBackup : IDisposable
{
    private readonly SqliteDatabase _target;
    private readonly sqlite3_backup _handle;

    public SqliteBackup(SqliteDatabase source, SqliteDatabase target)
    {
        _target = target;
        _handle = raw.sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
        if (_handle is null || _handle.IsInvalid)
        {
            throw target.Failure(raw.sqlite3_errcode(target.Handle), "backup");
        }
    }

    /// <summary>Whether everything is copied.</summary>
    public bool Copy(int pages)
    {
        var code = raw.sqlite3_backup_step(_handle, pages);
        if (code == raw.SQLITE_DONE) return true;
        if (code == raw.SQLITE_OK) return false;
        throw _target.Failure(code, "backup");
    }

    public void Dispose() => _handle.Dispose();
}
