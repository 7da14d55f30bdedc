using System.Globalization;
using Queued.Broker;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>
/// Reads everything but the bytes of payloads. A row that cannot be read is set aside and named; the others come back.
/// </summary>
internal sealed class StoreLoader(StoreFile file, TimeProvider time)
{
    private readonly SqliteDatabase _database = file.Database;
    private readonly List<DamagedRow> _damaged = [];

    /// <summary>Rows that were set aside; complete once the tasks were read to their end.</summary>
    public IReadOnlyList<DamagedRow> Damaged => _damaged;

    public BrokerSnapshot Load()
    {
        // Read before the tasks and set aside in between: a table must not change while it is read.
        var queues = ReadNamed("queue", SettingRows.ReadQueue);
        var pools = ReadNamed("pool", SettingRows.ReadPool);
        var keys = ReadKeys();
        return new BrokerSnapshot
        {
            Queues = queues,
            Pools = pools,
            Keys = keys,
            Tasks = ReadTasks(),
            LastTask = file.Record.LastTask == 0 ? null : new TaskId(file.Record.LastTask),
        };
    }

    private delegate T NamedReader<T>(ReadOnlySpan<byte> bytes, string name);

    private List<T> ReadNamed<T>(string table, NamedReader<T> reader)
        where T : class
    {
        var values = new List<T>();
        var damaged = new List<DamagedRow>();
        using (var read = _database.Prepare($"SELECT name, data FROM {table} ORDER BY name"))
        {
            while (read.Step($"read of the table {table}"))
            {
                var name = read.Text(0);
                if (TryRead(() => new DamagedRow(table, name, ""), damaged, read, 1, b => reader(b, name)) is { } value)
                    values.Add(value);
            }
        }

        if (damaged.Count == 0) return values;
        SetAside(damaged, quarantine =>
        {
            foreach (var row in damaged) quarantine.Take(row, row.Row);
        });
        return values;
    }

    private List<StoredKey> ReadKeys()
    {
        var values = new List<StoredKey>();
        var damaged = new List<DamagedRow>();
        var names = new List<(string Queue, string Key)>();
        using (var read = _database.Prepare("SELECT queue, key, data FROM idempotency"))
        {
            while (read.Step("read of the table idempotency"))
            {
                var (queue, key) = (read.Text(0), read.Text(1));
                var before = damaged.Count;
                if (TryRead(
                    () => new DamagedRow("idempotency", $"{queue}/{key}", ""), damaged, read, 2,
                    b => SettingRows.ReadKey(b, queue, key)) is { } value)
                {
                    values.Add(value);
                }

                if (damaged.Count > before) names.Add((queue, key));
            }
        }

        if (damaged.Count == 0) return values;
        SetAside(damaged, quarantine =>
        {
            for (var index = 0; index < damaged.Count; index++)
                quarantine.Take(damaged[index], names[index].Queue, names[index].Key);
        });
        return values;
    }

    private delegate T RowDecoder<T>(ReadOnlySpan<byte> bytes);

    private static T? TryRead<T>(
        Func<DamagedRow> name, List<DamagedRow> damaged, SqliteStatement read, int column, RowDecoder<T> decode)
        where T : class
    {
        try
        {
            return decode(read.Bytes(column));
        }
        catch (Exception e) when (IsDamage(e))
        {
            damaged.Add(name() with { Reason = e.Message });
            return null;
        }
    }

    private IEnumerable<StoredTask> ReadTasks()
    {
        var rows = new TaskRowReader();
        var damaged = new List<(long Key, DamagedRow Row)>();
        using (var read = _database.Prepare("SELECT id, spec, standing FROM task ORDER BY id"))
        {
            while (read.Step("read of the table task"))
            {
                if (ReadTask(read, rows, damaged) is { } task) yield return task;
            }
        }

        if (damaged.Count > 0) SetAside([.. damaged.Select(row => row.Row)], quarantine => quarantine.Take(damaged));
    }

    private static StoredTask? ReadTask(
        SqliteStatement read, TaskRowReader rows, List<(long Key, DamagedRow Row)> damaged)
    {
        var id = read.Number(0);
        try
        {
            return rows.Read(read.Bytes(1), read.Bytes(2), new TaskId((ulong)id));
        }
        catch (Exception e) when (IsDamage(e))
        {
            damaged.Add((id, new DamagedRow("task", id.ToString(CultureInfo.InvariantCulture), e.Message)));
            return null;
        }
    }

    // A row whose checksum holds and whose content does not was written by a defect; it is set aside all the same.
    internal static bool IsDamage(Exception e) =>
        e is DamagedRowException or OverflowException or ArgumentException or FormatException;

    private void SetAside(IReadOnlyList<DamagedRow> rows, Action<Quarantine> take)
    {
        _damaged.AddRange(rows);
        file.Begin();
        take(new Quarantine(_database, time));
        file.Commit();
    }
}
