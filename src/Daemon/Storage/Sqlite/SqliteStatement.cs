using System.Runtime.InteropServices;
using SQLitePCL;

namespace Queued.Daemon.Storage.Sqlite;

/// <summary>
/// A prepared statement. Parameters count from 1, columns from 0. What every change of a task needs is called without
/// the binding's detour by an interface and a counted handle, which took as long as the calls themselves.
/// </summary>
internal sealed unsafe partial class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    /// <summary>SQLite makes a copy.</summary>
    private const nint Copied = -1;

    private readonly nint _statement = handle.DangerousGetHandle();

    public SqliteStatement Bind(int parameter, long value)
    {
        database.Check(BindNumber(_statement, parameter, value), "bind");
        return this;
    }

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        // An empty span has no address, and no address means NULL.
        if (value.IsEmpty)
        {
            database.Check(raw.sqlite3_bind_zeroblob(handle, parameter, 0), "bind");
            return this;
        }

        fixed (byte* bytes = value)
            database.Check(BindBlob(_statement, parameter, bytes, value.Length, Copied), "bind");
        return this;
    }

    public SqliteStatement Bind(int parameter, string value)
    {
        database.Check(raw.sqlite3_bind_text(handle, parameter, value), "bind");
        return this;
    }

    public SqliteStatement BindNull(int parameter)
    {
        database.Check(BindNothing(_statement, parameter), "bind");
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
        var code = Step(_statement);
        if (code == raw.SQLITE_ROW) return true;
        if (code == raw.SQLITE_DONE)
        {
            _ = Reset(_statement);
            return false;
        }

        var failure = database.Failure(code, operation);
        // Says the same failure once more.
        _ = Reset(_statement);
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
    public void Reset() => _ = Reset(_statement);

    public long Number(int column) => raw.sqlite3_column_int64(handle, column);

    public bool IsNull(int column) => Type(column) == raw.SQLITE_NULL;

    /// <summary>Lives until the next step.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    private int Type(int column) => raw.sqlite3_column_type(handle, column);

    public void Dispose() => handle.Dispose();

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_bind_int64")]
    private static partial int BindNumber(nint statement, int parameter, long value);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_bind_null")]
    private static partial int BindNothing(nint statement, int parameter);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_bind_blob")]
    private static partial int BindBlob(nint statement, int parameter, byte* bytes, int length, nint lifetime);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_step")]
    private static partial int Step(nint statement);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_reset")]
    private static partial int Reset(nint statement);
}
