using SQLitePCL;

namespace Queued.Daemon.Storage.Sqlite;

/// <summary>A prepared statement. Parameters count from 1, columns from 0.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    public SqliteStatement Bind(int parameter, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, parameter, value), "bind");
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        // An empty span has no address, and no address means NULL.
        database.Check(
            value.IsEmpty
                ? raw.sqlite3_bind_zeroblob(handle, parameter, 0)
                : raw.sqlite3_bind_blob(handle, parameter, value),
            "bind");
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        database.Check(raw.sqlite3_bind_text(handle, parameter, value), "bind");
        return this;
    }

    public SqliteStatement BindNull(int parameter)
    {
        database.Check(raw.sqlite3_bind_null(handle, parameter), "bind");
        return this;
    }

    /// <summary>The same value, of whatever type.</summary>
    public void Copy(int parameter, SqliteStatement row, int column)
    {
        switch (row.Type(column))
        {
            case raw.SQLITE_NULL: BindNull(parameter); break;
            case raw.SQLITE_INTEGER: Bind(parameter, row.Number(column)); break;
            case raw.SQLITE_TEXT: Bind(parameter, row.Text(column)); break;
            default: Bind(parameter, row.Bytes(column)); break;
        }
    }

    /// <summary>Whether there is a row. After the last one the statement can run again.</summary>
    public bool Step(string operation)
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(handle);
            return false;
        }

        var failure = database.Failure(code, operation);
        // Says the same failure once more.
        raw.sqlite3_reset(handle);
        throw failure;
    }

    /// <summary>Runs to its end, whatever rows it gives.</summary>
    public void Run(string operation)
    {
        while (Step(operation))
        {
        }
    }

    /// <summary>Ends a run before its last row.</summary>
    public void Reset() => raw.sqlite3_reset(handle);

    public long Number(int column) => raw.sqlite3_column_int64(handle, column);

    public bool IsNull(int column) => Type(column) == raw.SQLITE_NULL;

    /// <summary>Lives until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    private int Type(int column) => raw.sqlite3_column_type(handle, column);

    public void Dispose() => handle.Dispose();
}
