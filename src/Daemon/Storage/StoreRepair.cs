using System.Globalization;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>What a repair, or a restore, did.</summary>
/// <param name="Done">What was done, one sentence each.</param>
/// <param name="Losses">What is lost, or would be. Empty: nothing.</param>
/// <param name="IsMended">Whether the daemon can start now.</param>
internal sealed record RepairReport(IReadOnlyList<string> Done, IReadOnlyList<string> Losses, bool IsMended);

/// <summary>
/// Makes a store usable again, in a directory whose lock is held. What was there before is kept aside, and what is lost
/// is lost only where this was asked for.
/// </summary>
internal sealed class StoreRepair(StoreOptions options, TimeProvider time, bool acceptLoss)
{
    private readonly List<string> _done = [];
    private readonly List<string> _losses = [];

    /// <summary>Called after each change of a file. Tests end there, as a kill would.</summary>
    public Action? Changed { get; init; }

    public RepairReport Run()
    {
        var mark = HighWaterMark.Peek(options.HighWaterPath);
        var hasLog = options.HasLog;
        if (!File.Exists(options.DatabasePath)) return Begin($"the database {options.DatabasePath} is missing", mark);
        SqliteDatabase? database = null;
        try
        {
            database = SqliteDatabase.Open(options.DatabasePath, SqliteAccess.ReadWrite, options.FileSystem);
            // However this ends: without its log the database may be refused.
            database.ForbidCheckpointOnClose();
            StoreFile.Configure(database, options);
            StoreFile.CheckIdentity(database, options);
            if (StoreSchema.VersionOf(database) == 0) return Report();
            var report = TryCheck(database);
            return report is { Faults.Count: 0 } ? Mend(database, report, mark, hasLog) : Rebuild(database, report);
        }
        catch (StoreFailedException e) when (e.IsDamage)
        {
            database?.Dispose();
            return Begin(e.Message, mark);
        }
        finally
        {
            database?.Dispose();
        }
    }

    /// <summary>Puts a checked copy in the place of whatever is there.</summary>
    public RepairReport Restore(string backup)
    {
        var fresh = options.DatabasePath + ".restored";
        File.Delete(fresh);
        using (var source = SqliteDatabase.Open(backup, SqliteAccess.ReadOnly))
        {
            StoreFile.CheckIdentity(source, options with { Directory = Path.GetDirectoryName(backup)! });
            if (StoreCheck.Run(source) is { IsSound: false } report)
            {
                return new RepairReport(
                    [], [.. report.Faults, .. report.Damaged.Select(row => row.Row.ToString())], IsMended: false);
            }

            Copy(source, fresh);
        }

        Install(fresh);
        _done.Add($"{backup} is in its place");
        return Report();
    }

    private RepairReport Report() => new(_done, _losses, _losses.Count == 0 || acceptLoss);

    private static StoreReport? TryCheck(SqliteDatabase database)
    {
        try
        {
            return StoreCheck.Run(database);
        }
        catch (StoreFailedException e) when (e.IsDamage)
        {
            // The damage is where the check must read, so it is for the salvage to find.
            return null;
        }
    }

    /// <summary>The file is sound: damaged rows are set aside, and the mark is made to fit.</summary>
    private RepairReport Mend(SqliteDatabase database, StoreReport report, Mark? mark, bool hasLog)
    {
        if (mark is { } known && known.Database != report.Record.Database)
            _losses.Add("this is another database than the one that was here before");
        else if (mark is { } later && later.Misses(report.Record, hasLog))
            _losses.Add(MissingAfter(report.Record.Number, later.Commit));

        if (_losses.Count > 0 && !acceptLoss) return Report();
        if (report.Damaged.Count > 0)
        {
            database.Execute("BEGIN IMMEDIATE", "begin");
            new Quarantine(database, time).Take(report.Damaged);
            database.Execute("COMMIT", "commit");
            _done.AddRange(report.Damaged.Select(row => $"set aside in the table quarantine: {row.Row}"));
        }

        // It is about to be whole without a log.
        if (_losses.Count > 0 || mark is { NeedsLog: true })
            HighWaterMark.Reset(options.HighWaterPath, new Mark(report.Record.Database, report.Record.Number));
        if (_losses.Count > 0)
            _done.Add($"the high-water mark {options.HighWaterPath} now says what the database says");
        database.Checkpoint(CheckpointMode.Truncate);
        database.AllowCheckpointOnClose();
        return Report();
    }

    private static string MissingAfter(ulong found, ulong known) => found < known
        ? string.Create(
            CultureInfo.InvariantCulture, $"what was acknowledged in the commits {found + 1} to {known} is missing")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"what was acknowledged after the commit {known}, and perhaps more, is missing with the log");

    /// <param name="damaged">The database.</param>
    /// <param name="report">What is wrong with it. Null: that could not be read.</param>
    private RepairReport Rebuild(SqliteDatabase damaged, StoreReport? report)
    {
        var fresh = options.DatabasePath + ".repaired";
        File.Delete(fresh);
        DiskFile.CreatePrivate(fresh);
        using (var target = SqliteDatabase.Open(fresh, SqliteAccess.ReadWrite))
        {
            StoreFile.Configure(target, options);
            StoreSchema.Migrate(target, _ => { });
            _losses.AddRange(new StoreSalvage(damaged, target).Copy());
            // It went through every table and met no damage, yet rows may be missing that nothing leads to any more.
            if (_losses.Count == 0) _losses.AddRange(report?.Faults.Where(IsOfRows) ?? []);
            var rows = target.ReadNumber("SELECT count(*) FROM task", "count of tasks");
            _done.Add(string.Create(CultureInfo.InvariantCulture, $"{rows} tasks could be read"));
            target.Checkpoint(CheckpointMode.Truncate);
            target.Execute("PRAGMA journal_mode = DELETE", "end of the log");
        }

        damaged.Dispose();
        if (_losses.Count > 0 && !acceptLoss)
        {
            File.Delete(fresh);
            return Report();
        }

        Install(fresh);
        return Report();
    }

    /// <summary>Pages that are free have no rows.</summary>
    private static bool IsOfRows(string fault) => !fault.StartsWith("Freelist:", StringComparison.Ordinal);

    private RepairReport Begin(string reason, Mark? mark)
    {
        if (mark is null && !File.Exists(options.DatabasePath)) return Report();
        _losses.Add($"everything: {reason}");
        if (!acceptLoss) return Report();
        Keep();
        // Until all is gone a start is refused.
        Mark(new Mark(Guid.NewGuid(), 1));
        Delete(options.DatabasePath);
        Delete(options.LogPath);
        Delete(options.HighWaterPath);
        _done.Add("the next start makes a new, empty database");
        return Report();
    }

    private void Copy(SqliteDatabase source, string path)
    {
        DiskFile.CreatePrivate(path);
        using var target = SqliteDatabase.Open(path, SqliteAccess.ReadWrite);
        using (var copy = new SqliteBackup(source, target))
        {
            while (!copy.Copy(4096))
            {
            }
        }

        target.Execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE", "settings");
        _done.Add($"{source.Path} was checked and copied");
    }

    /// <summary>
    /// Gives it a new identity, which the mark learns first: whenever this is killed, what is in the database's place
    /// is refused because it is not the one that the mark speaks of, or it is whole.
    /// </summary>
    private void Install(string fresh)
    {
        Mark mark;
        using (var database = SqliteDatabase.Open(fresh, SqliteAccess.ReadWrite))
        {
            var record = StoreFile.ReadRecord(database) with { Database = Guid.NewGuid() };
            using var write = database.Prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)");
            write.Bind(1, CommitRecord.Key).Bind(2, record.Write(new RowWriter())).Run("write of the commit record");
            mark = new Mark(record.Database, record.Number);
        }

        Keep();
        Mark(mark);
        // A log speaks of any database that it finds beside it.
        Delete(options.LogPath);
        DiskFile.Publish(fresh, options.DatabasePath, overwrite: true);
        Changed?.Invoke();
    }

    private void Mark(Mark mark)
    {
        HighWaterMark.Reset(options.HighWaterPath, mark);
        Changed?.Invoke();
    }

    private void Delete(string path)
    {
        File.Delete(path);
        DiskFile.FlushDirectory(Path.GetDirectoryName(path)!);
        Changed?.Invoke();
    }

    /// <summary>Under another name as well, so that nothing is missing before it is replaced.</summary>
    private void Keep()
    {
        string[] files = [options.DatabasePath, options.LogPath, options.HighWaterPath];
        if (!files.Any(File.Exists)) return;
        var aside = NewDirectory();
        foreach (var path in files.Where(File.Exists))
        {
            DiskFile.LinkOrCopy(path, Path.Combine(aside, Path.GetFileName(path)));
            Changed?.Invoke();
        }

        DiskFile.FlushDirectory(aside);
        DiskFile.FlushDirectory(options.Directory);
        _done.Add($"what was there before is in {aside}");
    }

    private string NewDirectory()
    {
        var name = time.GetUtcNow().ToString("'before-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var path = Path.Combine(options.Directory, name);
        for (var next = 2; Directory.Exists(path); next++)
            path = Path.Combine(options.Directory, string.Create(CultureInfo.InvariantCulture, $"{name}-{next}"));
        Directory.CreateDirectory(path, DiskFile.OwnerOnly | UnixFileMode.UserExecute);
        return path;
    }
}
