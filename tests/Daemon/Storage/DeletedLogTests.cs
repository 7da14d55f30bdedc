using Queued.Daemon.Hosting;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

/// <summary>Whenever a log with something acknowledged in it is deleted, that is noticed.</summary>
public sealed class DeletedLogTests : IDisposable
{
    private readonly StoreRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L)]
    public async Task The_first_commit_after_a_checkpoint_is_missed_as_soon_as_it_is_acknowledged(long logBytesMax)
    {
        // So small that each commit brings a checkpoint, before the mark would be due.
        _rig.Options = _rig.Options with { CheckpointBytes = 1, LogBytesMax = logBytesMax };
        await using var store = _rig.OpenLoaded().Store;
        for (ulong id = 1; id <= 20; id++)
        {
            using var copy = new StoreRig();
            await AppendThenAsync(store, id, () => CopyWithoutLog(copy));

            AssertMissed(copy);
        }
    }

    [Fact]
    public async Task The_first_commit_of_a_new_store_is_missed()
    {
        using var copy = new StoreRig();
        await using var store = _rig.OpenLoaded().Store;

        await AppendThenAsync(store, 1, () => CopyWithoutLog(copy));

        AssertMissed(copy);
    }

    [Fact]
    public async Task A_commit_after_a_pause_is_missed_and_need_not_wait_for_a_mark()
    {
        await using var store = _rig.OpenLoaded().Store;
        for (ulong id = 1; id <= 3; id++)
        {
            using var copy = new StoreRig();
            var before = LatestMark.Commit;
            var atAcknowledgement = 0UL;
            await AppendThenAsync(store, id, () =>
            {
                atAcknowledgement = LatestMark.Commit;
                CopyWithoutLog(copy);
            });

            AssertMissed(copy);
            Assert.Equal(before, atAcknowledgement);
            // In the pause comes a checkpoint, and with it a mark.
            await Eventually.IsTrueAsync(() => LatestMark.NeedsLog && LatestMark.Commit > before, "a checkpoint began");
        }
    }

    [Fact]
    public async Task A_log_that_was_copied_into_the_database_is_not_missed()
    {
        using var copy = new StoreRig();
        await using (_rig.OpenLoaded().Store)
        {
        }

        CopyWithoutLog(copy);

        Assert.Empty((await copy.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_store_at_rest_is_whole_with_its_log_before_and_after_a_repair()
    {
        using var copy = new StoreRig();
        await using var store = _rig.OpenLoaded().Store;
        await store.AppendAsync([StoreRig.Added(1, "payload")], true);
        // A mark of a later commit: the store rests, and the checkpoint that this one tells of is done.
        await Eventually.IsTrueAsync(() => LatestMark.NeedsLog, "a checkpoint began");
        await store.AppendAsync([StoreRig.Added(2, "payload")], true);
        CopyWithoutLog(copy);
        File.Copy(_rig.Options.LogPath, copy.Options.LogPath);

        var repair = new StoreRepair(copy.Options, TimeProvider.System, acceptLoss: false).Run();

        Assert.Empty(repair.Losses);
        Assert.False(File.Exists(copy.Options.LogPath));
        Assert.Equal([1UL, 2UL], (await copy.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_database_whose_checkpoint_was_cut_off_is_refused_without_its_log_until_the_loss_is_accepted()
    {
        await using (_rig.OpenLoaded().Store)
        {
        }

        HighWaterMark.Reset(_rig.Options.HighWaterPath, LatestMark with { NeedsLog = true });
        // What is left by a look at it.
        await File.WriteAllBytesAsync(_rig.Options.LogPath, []);
        AssertMissed(_rig);

        var refused = new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: false).Run();
        Assert.False(refused.IsMended);
        Assert.Contains("is missing with the log", Assert.Single(refused.Losses), StringComparison.Ordinal);
        AssertMissed(_rig);

        Assert.True(new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss: true).Run().IsMended);
        Assert.Empty((await _rig.ReadAsync()).Ids);
    }

    [Theory]
    [InlineData(5UL, false, 5UL)]
    [InlineData(5UL, true, 5UL)]
    [InlineData(5UL, true, 6UL)]
    public void The_later_of_two_marks_counts(ulong commit, bool needsLog, ulong nextCommit)
    {
        var first = new Mark(Guid.NewGuid(), commit, needsLog);
        var later = first with { Commit = nextCommit, NeedsLog = commit == nextCommit };
        using (var mark = HighWaterMark.Open(_rig.Options.HighWaterPath))
        {
            mark.Write(first);
            mark.Write(later);
        }

        Assert.Equal(later, HighWaterMark.Peek(_rig.Options.HighWaterPath));
    }

    private Mark LatestMark => HighWaterMark.Peek(_rig.Options.HighWaterPath)!.Value;

    /// <summary>On the store's thread, so that what it does next has not begun.</summary>
    private static Task AppendThenAsync(SqliteStore store, ulong id, Action then) =>
        store.AppendAsync([StoreRig.Added(id, "payload")], true).AsTask().ContinueWith(
            stored =>
            {
                stored.GetAwaiter().GetResult();
                then();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static void AssertMissed(StoreRig copy)
    {
        // However often it is tried: what is refused stays as it was found.
        Assert.Throws<StoreDamagedException>(() => copy.Open());
        var refusal = Assert.Throws<StoreDamagedException>(() => copy.Open());

        Assert.Equal(ExitCode.Damaged, refusal.ExitCode);
        Assert.Contains("acknowledged data has vanished", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(copy.Options.DatabasePath, refusal.Message, StringComparison.Ordinal);
    }

    private void CopyWithoutLog(StoreRig copy)
    {
        File.Copy(_rig.Options.DatabasePath, copy.Options.DatabasePath, overwrite: true);
        File.Copy(_rig.Options.HighWaterPath, copy.Options.HighWaterPath, overwrite: true);
    }
}
