using Queued.Broker;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

/// <summary>What is found after a store was reopened, or was about to be.</summary>
public sealed class ReopenedStoreTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_kill_while_a_store_is_reopened_after_a_failed_checkpoint_leaves_one_that_starts(int syncsToPass)
    {
        for (var cut = 0; ; cut++)
        {
            using var rig = new StoreRig(onFaultyDisk: true, seed: cut);
            var disk = rig.Disk!;
            // So small that each commit brings a checkpoint.
            rig.Options = rig.Options with { CheckpointBytes = 1 };
            rig.Log.Logged = line =>
            {
                if (IsOf(line, "has failed")) disk.OperationsLeft = cut;
            };
            var store = rig.OpenLoaded().Store;
            using var permits = new SemaphoreSlim(0);
            disk.SyncPermits = permits;
            // On the store's thread: the next flushes are those of the checkpoint.
            var append = store.AppendAsync([StoreRig.Added(1)], mustFlush: true).AsTask().ContinueWith(
                stored =>
                {
                    stored.GetAwaiter().GetResult();
                    (disk.SyncsToPass, disk.SyncsToFail) = (syncsToPass, 1);
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            permits.Release(1000);
            await append;
            await Eventually.IsTrueAsync(
                () => rig.Log.Lines.Any(line => IsOf(line, "works again") || IsOf(line, "gives up")), "it is over");
            var wasCut = rig.Log.Lines.Any(line => IsOf(line, "gives up"));
            disk.OperationsLeft = 0;
            await store.DisposeAsync();

            // What was written stays: it was killed, and the power is there.
            rig.Log.Logged = null;
            disk.OperationsLeft = int.MaxValue;
            Assert.Equal([1UL], (await rig.ReadAsync()).Ids);
            if (wasCut) continue;
            Assert.InRange(cut, 5, 100);
            return;
        }
    }

    [Fact]
    public async Task A_power_loss_while_a_store_is_reopened_after_a_failed_flush_leaves_all_that_was_acknowledged()
    {
        var cuts = 0;
        for (var seed = 1; seed <= 6; seed++)
        {
            for (var cut = 0; await IsCutAsync(cut, seed); cut++) cuts++;
        }

        Assert.InRange(cuts, 60, 1000);
    }

    /// <returns>False: the store was reopened before the power went.</returns>
    private static async Task<bool> IsCutAsync(int cut, int seed)
    {
        using var rig = new StoreRig(onFaultyDisk: true, (seed * 1000) + cut);
        var disk = rig.Disk!;
        // In the database, and not in the log.
        await using (var first = rig.OpenLoaded().Store)
            await first.AppendAsync([.. Enumerable.Range(1, 100).Select(Added)], mustFlush: true);
        var store = rig.OpenLoaded().Store;
        rig.Log.Logged = line =>
        {
            if (IsOf(line, "has failed")) disk.OperationsLeft = cut;
            if (IsOf(line, "works again")) disk.OperationsLeft = 0;
        };
        // The next changes the root of the tree, and the one whose flush fails changes it and what is below.
        await store.AppendAsync([.. Enumerable.Range(101, 60).Select(Added)], mustFlush: true);
        disk.SyncsToFail = 1;
        var removal = store.AppendAsync(
            [.. Enumerable.Range(1, 60).Select(id => new Change.TaskRemoved(new TaskId((ulong)id)))], mustFlush: true);
        var wasRemoved = true;
        try
        {
            await removal;
        }
        catch (StoreFailedException)
        {
            wasRemoved = false;
        }

        var wasCut = rig.Log.Lines.All(line => !IsOf(line, "works again"));
        disk.OperationsLeft = 0;
        await store.DisposeAsync();
        rig.Log.Logged = null;
        disk.LosePower();
        var found = (await rig.ReadAsync()).Ids.Select(id => (int)id).ToList();
        var first61 = found[0] == 61;
        Assert.True(first61 || !wasRemoved);
        Assert.Equal(first61 ? Enumerable.Range(61, 100) : Enumerable.Range(1, 160), found);
        return wasCut;
    }

    private static Change Added(int id) => StoreRig.Added((ulong)id, new string('x', 250));

    [Fact]
    public async Task A_disk_that_is_full_while_a_store_is_reopened_is_waited_for()
    {
        var wasFull = true;
        for (var writes = 0; wasFull; writes++)
        {
            using var rig = new StoreRig(onFaultyDisk: true, seed: writes);
            var disk = rig.Disk!;
            rig.Log.Logged = line =>
            {
                if (IsOf(line, "has failed")) (disk.WritesToPass, disk.IsFull) = (writes, true);
                // Reopened: what comes then has other tests.
                if (IsOf(line, "works again")) disk.IsFull = false;
            };
            var store = rig.OpenLoaded().Store;
            await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
            disk.SyncsToFail = 1;
            var append = store.AppendAsync([StoreRig.Added(2)], mustFlush: true).AsTask();
            await Eventually.IsTrueAsync(() => append.IsCompleted || store.IsFull, "stored, or full");
            wasFull = !append.IsCompleted;
            Assert.True(wasFull || writes > 2, "too little was written");
            disk.IsFull = false;
            await append;

            Assert.Equal(wasFull, rig.Log.Lines.Any(line => IsOf(line, "There is room")));
            Assert.Empty(store.Problems);
            await store.DisposeAsync();
            Assert.Equal([1UL, 2UL], (await rig.ReadAsync()).Ids);
        }
    }

    [Fact]
    public void A_file_that_is_written_again_has_what_it_had_and_a_missing_one_stays_missing()
    {
        using var rig = new StoreRig();
        var path = Path.Combine(rig.Path, "file");
        DiskFile.WriteAgain(path);
        Assert.False(File.Exists(path));
        var bytes = new byte[(5 * 512 * 1024) + 7];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(path, bytes);
        var before = File.GetLastWriteTimeUtc(path);
        File.SetLastWriteTimeUtc(path, before.AddDays(-1));

        DiskFile.WriteAgain(path);

        Assert.Equal(bytes, File.ReadAllBytes(path));
        Assert.True(File.GetLastWriteTimeUtc(path) >= before);
    }

    private static bool IsOf(string line, string text) => line.Contains(text, StringComparison.Ordinal);
}
