using System.Globalization;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>A row that could not be read.</summary>
/// <param name="Table">Its table.</param>
/// <param name="Row">Its key, for people.</param>
/// <param name="Reason">What is wrong with it.</param>
internal sealed record DamagedRow(string Table, string Row, string Reason)
{
    public override string ToString() => $"{Table} {Row}: {Reason}";
}

/// <summary>Where damaged rows go: out of the way of the daemon, and there for whoever wants to look.</summary>
internal sealed class Quarantine(SqliteDatabase database, TimeProvider time)
{
    /// <summary>Moves rows of a table with number keys, and what belongs to them.</summary>
    public void Take(IReadOnlyCollection<(long Key, DamagedRow Row)> rows)
    {
        foreach (var (key, row) in rows)
        {
            var (copy, remove) = row.Table switch
            {
                "task" => (
                    "SELECT ?1, 'task.spec', ?2, ?3, spec FROM task WHERE id = ?4 UNION ALL " +
                    "SELECT ?1, 'task.standing', ?2, ?3, standing FROM task WHERE id = ?4 UNION ALL " +
                    "SELECT ?1, 'task.payload', ?2, ?3, payload FROM task WHERE id = ?4 AND payload NOT NULL " +
                    "UNION ALL " +
                    "SELECT ?1, 'task.result', ?2, ?3, result FROM task WHERE id = ?4 AND result NOT NULL UNION ALL " +
                    "SELECT ?1, 'payload', ?2, ?3, data FROM payload WHERE id BETWEEN ?4 * 2 AND ?4 * 2 + 1",
                    "DELETE FROM task WHERE id = ?4"),
                _ => ("SELECT ?1, 'payload', ?2, ?3, data FROM payload WHERE id = ?4",
                    "DELETE FROM payload WHERE id = ?4"),
            };
            Run($"INSERT INTO quarantine (found_at, source, row, reason, data) {copy}", row, key, row.Row);
            Run(remove, row, key, row.Row);
            if (row.Table == "task")
                Run("DELETE FROM payload WHERE id BETWEEN ?4 * 2 AND ?4 * 2 + 1", row, key, row.Row);
        }
    }

    /// <summary>Moves a row of a table with names as keys.</summary>
    public void Take(DamagedRow row, string first, string second = "")
    {
        var (filter, table) = row.Table switch
        {
            "idempotency" => ("queue = ?4 AND key = ?5", "idempotency"),
            _ => ("name = ?4", row.Table),
        };
        RunNamed(
            $"INSERT INTO quarantine (found_at, source, row, reason, data) " +
            $"SELECT ?1, '{table}', ?2, ?3, data FROM {table} WHERE {filter}",
            row, first, second);
        RunNamed($"DELETE FROM {table} WHERE {filter}", row, first, second);
    }

    private void Run(string sql, DamagedRow row, long key, string name)
    {
        using var statement = database.Prepare(sql);
        BindUsed(statement, sql, row, name);
        statement.Bind(4, key).Run("quarantine");
    }

    private void RunNamed(string sql, DamagedRow row, string first, string second)
    {
        using var statement = database.Prepare(sql);
        BindUsed(statement, sql, row, row.Row);
        statement.Bind(4, first);
        if (sql.Contains("?5", StringComparison.Ordinal)) statement.Bind(5, second);
        statement.Run("quarantine");
    }

    private void BindUsed(SqliteStatement statement, string sql, DamagedRow row, string name)
    {
        if (!sql.Contains("?1", StringComparison.Ordinal)) return;
        statement.Bind(1, time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)).Bind(2, name)
            .Bind(3, row.Reason);
    }
}
