using System.Globalization;
using Queued.Broker;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>What a database holds and what is wrong with it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Record">Its last commit.</param>
/// <param name="Tasks">Tasks whose rows are sound.</param>
/// <param name="Quarantined">Rows that were set aside earlier.</param>
/// <param name="Faults">What SQLite says of the file itself.</param>
/// <param name="Damaged">Rows that cannot be read.</param>
internal sealed record StoreReport(
    string Path, CommitRecord Record, long Tasks, long Quarantined, IReadOnlyList<string> Faults,
    IReadOnlyList<(long Key, DamagedRow Row)> Damaged)
{
    public bool IsSound => Faults.Count == 0 && Damaged.Count == 0;
}

/// <summary>Reads everything, the bytes of payloads too, and changes nothing.</summary>
internal static class StoreCheck
{
    /// <exception cref="StoreFailedException">It cannot even be opened.</exception>
    public static StoreReport Run(SqliteDatabase database)
    {
        var faults = database.ReadTexts("PRAGMA integrity_check(100)", "integrity check").Where(line => line != "ok");
        var damaged = new List<(long Key, DamagedRow Row)>();
        var tasks = CheckTasks(database, damaged);
        CheckPayloads(database, damaged);
        return new StoreReport(
            database.Path, StoreFile.ReadRecord(database), tasks,
            database.ReadNumber("SELECT count(*) FROM quarantine", "count of the quarantine"), [.. faults], damaged);
    }

    private static long CheckTasks(SqliteDatabase database, List<(long Key, DamagedRow Row)> damaged)
    {
        var rows = new TaskRowReader();
        var sound = 0L;
        using var payloads = new PayloadTable(database);
        using var read = database.Prepare("SELECT id, spec, standing FROM task ORDER BY id");
        while (read.Step("read of the table task"))
        {
            var id = new TaskId((ulong)read.Number(0));
            try
            {
                var task = rows.Read(read.Bytes(1), read.Bytes(2), id);
                if (task.Submission.Payload.IsStored) payloads.Read(id, PayloadKind.Input);
                if (task.Standing.End?.Result is { IsStored: true }) payloads.Read(id, PayloadKind.Result);
                sound++;
            }
            catch (Exception e) when (StoreLoader.IsDamage(e))
            {
                damaged.Add(((long)id.Value, new DamagedRow("task", id.ToString(), e.Message)));
            }
        }

        return sound;
    }

    private static void CheckPayloads(SqliteDatabase database, List<(long Key, DamagedRow Row)> damaged)
    {
        using var read = database.Prepare("SELECT id FROM payload WHERE id / 2 NOT IN (SELECT id FROM task)");
        while (read.Step("read of the table payload"))
        {
            var key = read.Number(0);
            var task = (key / 2).ToString(CultureInfo.InvariantCulture);
            damaged.Add((key, new DamagedRow("payload", task, "its task is not there")));
        }
    }
}
