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

    private static bool IsOf(string line, string text) => line.Contains(text, StringComparison.Ordinal);
}
