using Queued.Broker;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>The bytes of payloads and results: small ones in the task's row, others in a table of their own.</summary>
internal sealed class PayloadTable : IDisposable
{
    private readonly SqliteStatement _write;
    private readonly SqliteStatement _read;
    private readonly SqliteStatement _readInput;
    private readonly SqliteStatement _readResult;
    private readonly SqliteStatement _remove;

    public PayloadTable(SqliteDatabase database)
    {
        _write = database.Prepare("INSERT OR REPLACE INTO payload (id, data) VALUES (?1, ?2)");
        _read = database.Prepare("SELECT data FROM payload WHERE id = ?1");
        _readInput = database.Prepare("SELECT payload FROM task WHERE id = ?1");
        _readResult = database.Prepare("SELECT result FROM task WHERE id = ?1");
        _remove = database.Prepare("DELETE FROM payload WHERE id BETWEEN ?1 AND ?1 + 1");
    }

    /// <summary>Two numbers of one task stand beside each other. A task's number is below 2^53.</summary>
    public static long KeyOf(TaskId task, PayloadKind kind) =>
        ((long)task.Value * 2) + (kind == PayloadKind.Input ? 0 : 1);

    public void Write(TaskId task, PayloadKind kind, ReadOnlySpan<byte> row) =>
        _write.Bind(1, KeyOf(task, kind)).Bind(2, row).Run("write of a payload");

    /// <summary>Null: the task is not there either.</summary>
    /// <exception cref="DamagedRowException">It is not there, or not as it was written.</exception>
    public TaskPayload? Read(TaskId task, PayloadKind kind)
    {
        var inline = kind == PayloadKind.Input ? _readInput : _readResult;
        if (!TryTake(inline, (long)task.Value, task, kind, out var payload)) return null;
        if (payload is null) TryTake(_read, KeyOf(task, kind), task, kind, out payload);
        return payload ?? throw new DamagedRowException("it is not in the store");
    }

    public void Remove(TaskId task) => _remove.Bind(1, KeyOf(task, PayloadKind.Input)).Run("removal of a payload");

    public void Dispose()
    {
        _write.Dispose();
        _read.Dispose();
        _readInput.Dispose();
        _readResult.Dispose();
        _remove.Dispose();
    }

    /// <returns>Whether there is a row, with a payload or without.</returns>
    private static bool TryTake(
        SqliteStatement statement, long key, TaskId task, PayloadKind kind, out TaskPayload? payload)
    {
        payload = null;
        if (!statement.Bind(1, key).Step("read of a payload")) return false;
        try
        {
            if (!statement.IsNull(0)) payload = TaskRows.ReadPayload(statement.Bytes(0), task, kind);
            return true;
        }
        finally
        {
            statement.Reset();
        }
    }
}
