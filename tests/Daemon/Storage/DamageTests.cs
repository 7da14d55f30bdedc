using System.Text;
using Queued.Broker;
using Queued.Daemon.Hosting;
using Queued.Daemon.Storage;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Tests.Storage;

public sealed class DamageTests : IDisposable
{
    private readonly StoreRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_damaged_row_is_set_aside_and_named_and_the_others_come_back()
    {
        await FillAsync(3);
        FlipByteOf("marker-2");

        var (store, loaded) = _rig.OpenLoaded();
        Assert.Equal([1UL, 3UL], loaded.Ids);
        var problem = Assert.Single(store.Problems);
        Assert.Contains("task 2", problem, StringComparison.Ordinal);
        Assert.Contains(_rig.Log.Lines, line => line.Contains("The row 2 of the table task", StringComparison.Ordinal));
        await store.DisposeAsync();

        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadWrite);
        Assert.Equal(
            ["2 task.spec", "2 task.standing"],
            database.ReadTexts(
                "SELECT row || ' ' || source FROM quarantine WHERE source != 'task.payload' ORDER BY source", "test"));
        database.Dispose();
        Assert.Equal([1UL, 3UL], (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_damaged_payload_fails_its_reader_and_nobody_else()
    {
        await FillAsync(2, payloadBytes: 1000);
        FlipByteOf("payload-1 ");

        var (store, loaded) = _rig.OpenLoaded();
        await using (store)
        {
            Assert.Equal([1UL, 2UL], loaded.Ids);
            var lost = await Assert.ThrowsAsync<PayloadLostException>(
                async () => await store.ReadPayloadAsync(new TaskId(1), PayloadKind.Input));
            Assert.Contains("checksum", lost.Message, StringComparison.Ordinal);
            await store.ReadPayloadAsync(new TaskId(2), PayloadKind.Input);
            Assert.Contains(store.Problems, problem => problem.Contains("task 1", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_truncated_file_is_refused_with_the_command_that_repairs_it()
    {
        await FillAsync(2000, payloadBytes: 500);
        using (var file = File.OpenWrite(_rig.Options.DatabasePath)) file.SetLength(file.Length / 2);

        var refusal = Assert.Throws<StoreDamagedException>(() => _rig.Open());

        Assert.Equal(ExitCode.Damaged, refusal.ExitCode);
        Assert.Contains(_rig.Options.DatabasePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("queued repair --data", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_page_is_refused_with_the_command_that_repairs_it_after_an_end_in_order_too()
    {
        await FillAsync(3000);
        var bytes = await File.ReadAllBytesAsync(_rig.Options.DatabasePath);
        bytes.AsSpan(bytes.Length / 2 / 8192 * 8192, 8192).Fill(0xA5);
        await File.WriteAllBytesAsync(_rig.Options.DatabasePath, bytes);

        await using var store = _rig.Open();
        var refusal = Assert.Throws<StoreDamagedException>(() => store.Load().Tasks.Count());

        Assert.Equal(ExitCode.Damaged, refusal.ExitCode);
        Assert.Contains(_rig.Options.DatabasePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("queued repair --data", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_in_the_place_of_the_database_is_refused()
    {
        await FillAsync(1);
        await File.WriteAllBytesAsync(_rig.Options.DatabasePath, Encoding.ASCII.GetBytes(new string('x', 9000)));

        Assert.Equal(ExitCode.Damaged, Assert.Throws<StoreDamagedException>(() => _rig.Open()).ExitCode);
    }

    [Fact]
    public async Task A_deleted_log_is_noticed()
    {
        await FillAsync(1);
        using var copy = new StoreRig();
        await using (var store = _rig.OpenLoaded().Store)
        {
            // The database without its log: what it was at the last checkpoint.
            File.Copy(_rig.Options.DatabasePath, copy.Options.DatabasePath);
            for (var id = 2; id <= 50; id++) await store.AppendAsync([Marked(id, 100)], true);
            await MarkReachesAsync(50);
            File.Copy(_rig.Options.HighWaterPath, copy.Options.HighWaterPath);
        }

        var refusal = Assert.Throws<StoreDamagedException>(() => copy.Open());

        Assert.Contains("acknowledged data has vanished", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_of_the_first_daemon_on_a_directory_is_missed_too()
    {
        using var copy = new StoreRig();
        await using (var store = _rig.OpenLoaded().Store)
        {
            // Nothing of what it wrote has been copied out of the log yet.
            File.Copy(_rig.Options.DatabasePath, copy.Options.DatabasePath);
            for (var id = 1; id <= 50; id++) await store.AppendAsync([Marked(id, 100)], true);
            await MarkReachesAsync(50);
            File.Copy(_rig.Options.HighWaterPath, copy.Options.HighWaterPath);
        }

        var refusal = Assert.Throws<StoreDamagedException>(() => copy.Open());

        Assert.Contains("acknowledged data has vanished", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_copy_of_a_running_store_with_its_log_is_whole()
    {
        using var copy = await FillAndCopyRunningAsync();

        Assert.Equal(Enumerable.Range(1, 50).Select(id => (ulong)id), (await copy.ReadAsync()).Ids);
        Assert.Contains(copy.Log.Lines, line => line.Contains("did not end in order", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_old_copy_of_the_database_is_noticed()
    {
        await FillAsync(1);
        File.Copy(_rig.Options.DatabasePath, _rig.Options.DatabasePath + ".old");
        await FillAsync(2);
        File.Move(_rig.Options.DatabasePath + ".old", _rig.Options.DatabasePath, overwrite: true);

        Assert.Contains(
            "acknowledged data has vanished", Assert.Throws<StoreDamagedException>(() => _rig.Open()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_database_is_noticed()
    {
        await FillAsync(1);
        File.Delete(_rig.Options.DatabasePath);

        Assert.Contains(
            "is missing", Assert.Throws<StoreDamagedException>(() => _rig.Open()).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_rig.Options.DatabasePath));
    }

    [Fact]
    public async Task A_torn_mark_leaves_the_one_before_and_a_lost_one_is_told()
    {
        await FillAsync(1);
        var bytes = await File.ReadAllBytesAsync(_rig.Options.HighWaterPath);
        var latest = HighWaterMark.Peek(_rig.Options.HighWaterPath)!.Value.Commit;
        var torn = bytes.ToArray();
        torn[4096 + 30] ^= 1;
        await File.WriteAllBytesAsync(_rig.Options.HighWaterPath, torn);
        Assert.InRange(HighWaterMark.Peek(_rig.Options.HighWaterPath)!.Value.Commit, 1UL, latest);

        File.Delete(_rig.Options.HighWaterPath);
        await _rig.ReadAsync();
        Assert.Contains(_rig.Log.Lines, line => line.Contains("missing or cannot be read", StringComparison.Ordinal));
    }

    [Fact]
    public void A_mark_that_cannot_be_opened_is_told_with_path_and_errno()
    {
        _rig.Options = _rig.Options with { MarkPath = Path.Combine(_rig.Path, "nowhere", "hwm") };

        var failure = Assert.Throws<StoreFailedException>(() => _rig.Open());

        Assert.Contains(_rig.Options.MarkPath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("errno 2)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_others_can_read_is_refused()
    {
        await FillAsync(1);
        File.SetUnixFileMode(
            _rig.Options.DatabasePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        var refusal = Assert.Throws<StartupException>(() => _rig.Open());

        Assert.Equal(ExitCode.NoPermission, refusal.ExitCode);
        Assert.Contains("chmod 0600", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_and_a_foreign_database_are_refused()
    {
        await FillAsync(1);
        Execute("PRAGMA user_version = 99");
        Assert.Contains(
            "version 99", Assert.Throws<StartupException>(() => _rig.Open()).Message, StringComparison.Ordinal);
        Execute("PRAGMA application_id = 7");
        Assert.Contains(
            "another program", Assert.Throws<StartupException>(() => _rig.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_file_shrinks_when_tasks_are_gone()
    {
        await FillAsync(2000, payloadBytes: 4000);
        var before = new FileInfo(_rig.Options.DatabasePath).Length;

        await using (var store = _rig.OpenLoaded().Store)
        {
            await store.AppendAsync(
                [.. Enumerable.Range(1, 2000).Select(id => new Change.TaskRemoved(new TaskId((ulong)id)))], true);
            await Eventually.IsTrueAsync(
                () => new FileInfo(_rig.Options.DatabasePath).Length < before / 4, "the file is small again");
        }
    }

    private async Task FillAsync(int count, int payloadBytes = 0)
    {
        await using var store = _rig.OpenLoaded().Store;
        await store.AppendAsync([.. Enumerable.Range(1, count).Select(id => Marked(id, payloadBytes))], true);
    }

    private static Change.TaskAdded Marked(int id, int payloadBytes) =>
        StoreRig.Added((ulong)id, $"payload-{id} ".PadRight(payloadBytes, '.'), $"marker-{id}");

    private async Task<StoreRig> FillAndCopyRunningAsync()
    {
        _rig.Options = _rig.Options with { CheckpointBytes = 1L << 40 };
        var copy = new StoreRig();
        await using var store = _rig.OpenLoaded().Store;
        for (var id = 1; id <= 50; id++) await store.AppendAsync([Marked(id, 100)], true);
        await MarkReachesAsync(50);
        foreach (var path in Directory.GetFiles(_rig.Path))
            File.Copy(path, System.IO.Path.Combine(copy.Path, System.IO.Path.GetFileName(path)));
        return copy;
    }

    private Task MarkReachesAsync(ulong commit) => Eventually.IsTrueAsync(
        () => HighWaterMark.Peek(_rig.Options.HighWaterPath)?.Commit >= commit, "the mark has caught up");

    private void FlipByteOf(string text)
    {
        var bytes = File.ReadAllBytes(_rig.Options.DatabasePath);
        var at = bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        Assert.True(at > 0);
        bytes[at] ^= 0x20;
        File.WriteAllBytes(_rig.Options.DatabasePath, bytes);
    }

    private void Execute(string sql)
    {
        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadWrite);
        database.Execute(sql, "test");
    }
}
