using System.Buffers.Binary;
using Queued.Daemon.Hosting;
using Queued.Daemon.Storage;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Tests.Storage;

public sealed class RepairTests : IDisposable
{
    private const int PageBytes = 8192;

    private readonly StoreRig _rig = new();

    public enum Work
    {
        /// <summary>A page is damaged, and the rest is put into a new file.</summary>
        Rebuild,

        /// <summary>Nothing can be read, and an empty store is asked for.</summary>
        Begin,

        /// <summary>A backup takes the place of a sound store.</summary>
        Restore,

        /// <summary>The same, where nobody can tell what was acknowledged.</summary>
        RestoreWithoutMark,
    }

    private string Backup => Path.Combine(_rig.Path, "copy.db");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task What_only_the_check_of_the_file_notices_is_a_loss_all_the_same()
    {
        await FillAsync(3000);
        DropLastChild("task");

        var refused = Repair(acceptLoss: false).Run();

        Assert.False(refused.IsMended);
        Assert.NotEmpty(refused.Losses);
        Assert.True(Repair(acceptLoss: true).Run().IsMended);
        Assert.InRange((await _rig.ReadAsync()).Tasks.Count, 1, 2999);
    }

    [Fact]
    public async Task A_log_that_a_deleted_database_left_is_set_aside_and_not_mixed_with_the_backup()
    {
        using var copy = new StoreRig();
        await FillAsync(200, Backup);
        _rig.Options = _rig.Options with { CheckpointBytes = 1L << 40 };
        await using (var store = _rig.OpenLoaded().Store)
        {
            for (var id = 201; id <= 260; id++) await store.AppendAsync([Added(id)], true);
            File.Copy(_rig.Options.LogPath, copy.Options.LogPath);
            File.Copy(_rig.Options.HighWaterPath, copy.Options.HighWaterPath);
        }

        var report = new StoreRepair(copy.Options, TimeProvider.System, acceptLoss: false).Restore(Backup);

        Assert.True(report.IsMended);
        Assert.Equal(Enumerable.Range(1, 200).Select(id => (ulong)id), (await copy.ReadAsync()).Ids);
        Assert.Contains(
            StoreOptions.DatabaseName + "-wal",
            Directory.GetFiles(Assert.Single(Directory.GetDirectories(copy.Path, "before-*")))
                .Select(path => Path.GetFileName(path)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_repair_that_fails_or_refuses_leaves_database_and_log_as_they_were(bool isNewer)
    {
        await FillAsync(1);
        var needsLog = HighWaterMark.Peek(_rig.Options.HighWaterPath)!.Value with { NeedsLog = true };
        SetVersionInLog(isNewer ? StoreSchema.Latest + 1 : StoreSchema.Latest);
        HighWaterMark.Reset(
            _rig.Options.HighWaterPath, isNewer ? needsLog : needsLog with { Database = Guid.NewGuid() });
        var (database, log) = (File.ReadAllBytes(_rig.Options.DatabasePath), File.ReadAllBytes(_rig.Options.LogPath));
        Assert.NotEmpty(log);

        if (isNewer) Assert.Throws<StartupException>(() => Repair(acceptLoss: false).Run());
        else Assert.False(Repair(acceptLoss: false).Run().IsMended);

        Assert.Equal(log, File.ReadAllBytes(_rig.Options.LogPath));
        Assert.Equal(database, File.ReadAllBytes(_rig.Options.DatabasePath));
        SetVersionInLog(StoreSchema.Latest);
        HighWaterMark.Reset(_rig.Options.HighWaterPath, needsLog);
        Assert.Equal([1UL], (await _rig.ReadAsync()).Ids);
    }

    [Theory]
    [InlineData(Work.Rebuild)]
    [InlineData(Work.Begin)]
    [InlineData(Work.Restore)]
    [InlineData(Work.RestoreWithoutMark)]
    public async Task A_repair_that_is_killed_anywhere_leaves_a_store_that_is_refused_or_whole(Work work)
    {
        for (var cut = 0; ; cut++)
        {
            using var rig = new RepairTests();
            var (before, after) = await rig.PrepareAsync(work);
            var wasCut = !rig.RunUntil(work, cut);
            Assert.True(wasCut || cut > 2, "there is too little to cut");
            try
            {
                var found = (await rig._rig.ReadAsync()).Tasks.Count;
                Assert.True(wasCut ? found == before || found == after : found == after, $"{found} tasks, cut {cut}");
            }
            catch (StartupException e) when (wasCut)
            {
                Assert.Equal(ExitCode.Damaged, e.ExitCode);
                // The same once more brings it to its end.
                Assert.True(rig.RunUntil(work, int.MaxValue));
                Assert.Equal(after, (await rig._rig.ReadAsync()).Tasks.Count);
            }

            if (!wasCut) return;
        }
    }

    /// <summary>How many tasks there are before, where they can be read, and after it.</summary>
    private async Task<(int Before, int After)> PrepareAsync(Work work)
    {
        await FillAsync(300, Backup);
        if (work == Work.RestoreWithoutMark) File.Delete(_rig.Options.HighWaterPath);
        switch (work)
        {
            case Work.Rebuild:
                DropLastChild("task");
                return (0, CountSaved());
            case Work.Begin:
                await File.WriteAllBytesAsync(_rig.Options.DatabasePath, new byte[PageBytes]);
                await File.WriteAllTextAsync(_rig.Options.DatabasePath, new string('x', 2 * PageBytes));
                return (0, 0);
            default:
                await using (var store = _rig.OpenLoaded().Store) await store.AppendAsync([Added(301)], true);
                if (work == Work.RestoreWithoutMark) File.Delete(_rig.Options.HighWaterPath);
                return (301, 300);
        }
    }

    private void SetVersionInLog(int version)
    {
        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadWrite);
        database.ForbidCheckpointOnClose();
        database.Execute($"PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = {version}", "test");
    }

    private int CountSaved()
    {
        using var copy = new StoreRig();
        File.Copy(_rig.Options.DatabasePath, copy.Options.DatabasePath);
        Assert.True(new StoreRepair(copy.Options, TimeProvider.System, acceptLoss: true).Run().IsMended);
        using var database = SqliteDatabase.Open(copy.Options.DatabasePath, SqliteAccess.ReadOnly);
        return (int)database.ReadNumber("SELECT count(*) FROM task", "test");
    }

    /// <returns>False: it was killed after so many changes of files.</returns>
    private bool RunUntil(Work work, int cut)
    {
        var repair = new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: true)
        {
            Changed = () =>
            {
                if (cut-- == 0) throw new KilledException();
            },
        };
        try
        {
            var report = work is Work.Restore or Work.RestoreWithoutMark ? repair.Restore(Backup) : repair.Run();
            Assert.True(report.IsMended);
            return true;
        }
        catch (KilledException)
        {
            return false;
        }
    }

    private StoreRepair Repair(bool acceptLoss) => new(_rig.Options, TimeProvider.System, acceptLoss);

    private async Task FillAsync(int count, string? backup = null)
    {
        await using var store = _rig.OpenLoaded().Store;
        await store.AppendAsync([.. Enumerable.Range(1, count).Select(Added)], true);
        if (backup is not null) await store.BackupAsync(backup, CancellationToken.None);
    }

    /// <summary>A table's root forgets the page before its last one: no row is damaged, and some are gone.</summary>
    private void DropLastChild(string table)
    {
        long root;
        using (var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadOnly))
            root = database.ReadNumber($"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'", "test");
        var bytes = File.ReadAllBytes(_rig.Options.DatabasePath);
        var header = bytes.AsSpan((int)(root - 1) * PageBytes, 12);
        Assert.Equal(5, header[0]);
        var cells = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[3..], (ushort)(cells - 1));
        File.WriteAllBytes(_rig.Options.DatabasePath, bytes);
    }

    private static Queued.Broker.Change.TaskAdded Added(int id) => StoreRig.Added((ulong)id, $"payload of {id}");

    private sealed class KilledException : Exception;
}
