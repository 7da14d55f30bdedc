using Queued.Broker;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

public sealed class BackupTests : IDisposable
{
    private readonly StoreRig _rig = new();

    private string Backup => Path.Combine(_rig.Path, "copy.db");

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_backup_is_made_while_work_goes_on_and_restores_what_it_had()
    {
        await using (var store = _rig.OpenLoaded().Store)
        {
            await store.AppendAsync([.. Enumerable.Range(1, 3000).Select(id => Added(id))], true);
            var backup = store.BackupAsync(Backup, CancellationToken.None);
            var id = 3000;
            while (!backup.IsCompleted) await store.AppendAsync([Added(++id)], true);
            Assert.Equal(new FileInfo(Backup).Length, await backup);
            await store.AppendAsync([new Change.TaskRemoved(new TaskId(1))], true);
        }

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Backup));
        var report = new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: false).Restore(Backup);

        Assert.True(report.IsMended, string.Join('\n', report.Losses));
        var (restored, loaded) = _rig.OpenLoaded();
        await using (restored)
        {
            Assert.Superset(Enumerable.Range(1, 3000).Select(id => (ulong)id).ToHashSet(), loaded.Ids.ToHashSet());
            Assert.Equal(
                StoreRig.Text(Added(1).Task.Submission.Payload),
                StoreRig.Text(await restored.ReadPayloadAsync(new TaskId(1), PayloadKind.Input)));
        }

        // What was there before is not lost.
        Assert.Single(Directory.GetDirectories(_rig.Path, "before-*"));
    }

    [Fact]
    public async Task The_copy_is_flushed_while_the_thread_of_the_store_goes_on()
    {
        await using (var store = _rig.OpenLoaded().Store)
        {
            await store.AppendAsync([Added(1)], true);
            await store.BackupAsync(Backup, CancellationToken.None);
        }

        // It says so after the flush, on the thread that has waited for it.
        Assert.NotEqual("queued store", _rig.Log.ThreadOf("is complete"));
    }

    [Fact]
    public async Task A_backup_overwrites_nothing_and_leaves_nothing_half_done()
    {
        await using var store = _rig.OpenLoaded().Store;
        await File.WriteAllTextAsync(Backup, "mine");

        var refusal = await Assert.ThrowsAsync<BackupFailedException>(
            () => store.BackupAsync(Backup, CancellationToken.None));
        Assert.Contains("is there already", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(Backup));

        await Assert.ThrowsAsync<BackupFailedException>(
            () => store.BackupAsync(Path.Combine(_rig.Path, "nowhere", "x"), CancellationToken.None));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => store.BackupAsync(Path.Combine(_rig.Path, "y"), new CancellationToken(true)));
        Assert.Empty(Directory.GetFiles(_rig.Path, "*.partial"));
        await store.AppendAsync([Added(1)], true);
    }

    [Fact]
    public async Task A_damaged_backup_is_not_restored()
    {
        await using (var store = _rig.OpenLoaded().Store)
        {
            await store.AppendAsync([Added(1)], true);
            await store.BackupAsync(Backup, CancellationToken.None);
        }

        var bytes = await File.ReadAllBytesAsync(Backup);
        bytes[bytes.AsSpan().IndexOf("payload of 1"u8)] ^= 1;
        await File.WriteAllBytesAsync(Backup, bytes);

        var report = new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: false).Restore(Backup);

        Assert.False(report.IsMended);
        Assert.Contains("task 1", Assert.Single(report.Losses), StringComparison.Ordinal);
        Assert.Equal([1UL], (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_repair_saves_what_can_be_read_and_loses_the_rest_only_where_it_may()
    {
        await using (var store = _rig.OpenLoaded().Store)
            await store.AppendAsync([.. Enumerable.Range(1, 3000).Select(id => Added(id))], true);
        var before = await File.ReadAllBytesAsync(_rig.Options.DatabasePath);
        // A page in the middle, as a disk loses it.
        before.AsSpan(before.Length / 2 / 8192 * 8192, 8192).Fill(0xA5);
        await File.WriteAllBytesAsync(_rig.Options.DatabasePath, before);

        var refusal = new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: false).Run();
        Assert.False(refusal.IsMended);
        Assert.Contains(refusal.Losses, loss => loss.Contains("the table", StringComparison.Ordinal));
        Assert.Empty(Directory.GetDirectories(_rig.Path, "before-*"));

        var report = new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: true).Run();
        Assert.True(report.IsMended);
        Assert.InRange((await _rig.ReadAsync()).Tasks.Count, 2800, 3000);
        Assert.Single(Directory.GetDirectories(_rig.Path, "before-*"));
    }

    [Fact]
    public async Task A_repair_makes_the_mark_fit_where_the_loss_is_accepted()
    {
        await using (var store = _rig.OpenLoaded().Store) await store.AppendAsync([Added(1)], true);
        File.Copy(_rig.Options.DatabasePath, Backup);
        await using (var store = _rig.OpenLoaded().Store) await store.AppendAsync([Added(2)], true);
        File.Move(Backup, _rig.Options.DatabasePath, overwrite: true);

        Assert.False(new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: false).Run().IsMended);
        Assert.Throws<StoreDamagedException>(() => _rig.Open());
        Assert.True(new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: true).Run().IsMended);
        Assert.Equal([1UL], (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_sound_store_is_not_touched_by_a_repair()
    {
        await using (var store = _rig.OpenLoaded().Store) await store.AppendAsync([Added(1)], true);

        var report = new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: true).Run();

        Assert.True(report is { IsMended: true, Done.Count: 0, Losses.Count: 0 });
        Assert.Equal([1UL], (await _rig.ReadAsync()).Ids);
    }

    private static Change.TaskAdded Added(int id) =>
        StoreRig.Added((ulong)id, $"payload of {id} ".PadRight(id % 600, '.'));
}
