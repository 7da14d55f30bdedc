using System.Globalization;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>
/// Copies what can be read of a damaged database into a new one: each table from its beginning and from its end up to
/// the damage, and row by row in between where the rows have numbers.
/// </summary>
internal sealed class StoreSalvage(SqliteDatabase source, SqliteDatabase target)
{
    private const long ProbesMax = 10_000_000;

    private static readonly (string Table, string Key, string[] Columns)[] Tables =
    [
        ("meta", "key", ["key", "value"]),
        ("queue", "name", ["name", "data"]),
        ("pool", "name", ["name", "data"]),
        ("idempotency", "queue, key", ["queue", "key", "data"]),
        ("task", "id", ["id", "standing", "spec", "payload", "result"]),
        ("payload", "id", ["id", "data"]),
        ("quarantine", "id", ["id", "found_at", "source", "row", "reason", "data"]),
    ];

    private readonly List<string> _losses = [];

    /// <summary>What could not be copied, one sentence each. None: everything is there.</summary>
    public IReadOnlyList<string> Copy()
    {
        target.Execute("BEGIN", "begin");
        foreach (var (table, key, columns) in Tables) CopyTable(table, key, columns);
        target.Execute("COMMIT", "commit");
        return _losses;
    }

    private void CopyTable(string table, string key, string[] columns)
    {
        var names = string.Join(", ", columns);
        var places = string.Join(", ", Enumerable.Range(1, columns.Length).Select(place => $"?{place}"));
        using var write = target.Prepare($"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})");
        var descending = string.Join(", ", key.Split(", ").Select(part => part + " DESC"));
        var first = Scan($"SELECT {names} FROM {table} ORDER BY {key}", write, columns.Length, out var last);
        if (first is null) return;
        var second = Scan($"SELECT {names} FROM {table} ORDER BY {descending}", write, columns.Length, out var lowest);
        var found = 0L;
        if (key == "id" && second is not null && last is { } from && lowest is { } to &&
            to - from is > 1 and < ProbesMax)
        {
            using var read = source.Prepare($"SELECT {names} FROM {table} WHERE id = ?1");
            for (var id = from + 1; id < to; id++) found += Probe(read, id, write, columns.Length) ? 1 : 0;
        }

        var (after, before) = (last?.ToString(CultureInfo.InvariantCulture) ?? "none",
            lowest?.ToString(CultureInfo.InvariantCulture) ?? "none");
        _losses.Add(string.Create(CultureInfo.InvariantCulture,
            $"the table {table} is damaged between its rows {after} and {before}; {found} rows in between were read " +
            $"({first.Message})"));
    }

    /// <summary>Null: it came to the end of the table.</summary>
    private StoreFailedException? Scan(string sql, SqliteStatement write, int columns, out long? last)
    {
        last = null;
        try
        {
            using var read = source.Prepare(sql);
            while (read.Step("salvage"))
            {
                CopyRow(read, write, columns);
                last = read.Number(0);
            }

            return null;
        }
        catch (StoreFailedException e) when (e.IsDamage)
        {
            return e;
        }
    }

    private static bool Probe(SqliteStatement read, long id, SqliteStatement write, int columns)
    {
        try
        {
            if (!read.Bind(1, id).Step("salvage")) return false;
            CopyRow(read, write, columns);
            read.Reset();
            return true;
        }
        catch (StoreFailedException e) when (e.IsDamage)
        {
            return false;
        }
    }

    private static void CopyRow(SqliteStatement read, SqliteStatement write, int columns)
    {
        for (var column = 0; column < columns; column++) write.Copy(column + 1, read, column);
        write.Run("write of a salvaged row");
    }
}
