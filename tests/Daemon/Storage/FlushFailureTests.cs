using Microsoft.Extensions.Time.Testing;
using Queued.Daemon.Hosting;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

/// <summary>What becomes of acknowledgements when the disk does not confirm a flush.</summary>
public sealed class FlushFailureTests : IDisposable
{
    private readonly StoreRig _rig = new(onFaultyDisk: true);

    private FaultyDisk Disk => _rig.Disk!;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Nothing_is_acknowledged_between_a_failed_flush_and_the_flush_of_the_reopened_store()
    {
        var store = _rig.OpenLoaded().Store;
        using var permits = new SemaphoreSlim(0);
        var (opens, begun) = (Disk.Opens, Disk.SyncsBegun);
        Disk.SyncPermits = permits;
        Disk.SyncsToFail = 1;

        var failed = store.AppendAsync([StoreRig.Added(1)], mustFlush: true).AsTask();
        await Eventually.IsTrueAsync(() => Disk.SyncsBegun == begun + 1, "the flush of the group");
        var meanwhile = store.AppendAsync([StoreRig.Added(2)], mustFlush: true).AsTask();
        permits.Release(2);
        await Eventually.IsTrueAsync(
            () => Disk.SyncsBegun == begun + 3, "the flush of the log as it was, and that of the reopened store");

        Assert.True(Disk.Opens > opens);
        Assert.False(failed.IsCompleted || meanwhile.IsCompleted);
        Assert.DoesNotContain(_rig.Log.Lines, line => line.Contains("works again", StringComparison.Ordinal));

        permits.Release(1000);
        await Task.WhenAll(failed, meanwhile);
        Assert.Contains(_rig.Log.Lines, line => line.Contains("works again", StringComparison.Ordinal));
        await store.DisposeAsync();
        Assert.Equal([1UL, 2UL], (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_flush_that_fails_again_after_the_store_was_reopened_ends_it_with_path_and_errno()
    {
        var store = _rig.OpenLoaded().Store;
        Disk.SyncsToFail = 1;
        await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
        Disk.SyncsToFail = 1;

        var failure = await Assert.ThrowsAsync<StoreFailedException>(
            async () => await store.AppendAsync([StoreRig.Added(2)], mustFlush: true));

        Assert.Equal(ExitCode.InputOutput, failure.ExitCode);
        Assert.Contains(_rig.Options.DatabasePath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("errno 5", failure.Message, StringComparison.Ordinal);
        await store.DisposeAsync();
        Disk.LosePower();
        Assert.Contains(1UL, (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_commit_of_nothing_that_a_reopened_store_begins_with_is_not_taken_for_that_of_the_group()
    {
        var time = new FakeTimeProvider();
        _rig.Time = time;
        var store = _rig.OpenLoaded().Store;
        await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
        // On the store's thread: the disk is full when the group is tried again, and not any more when it fails again.
        var failures = 0;
        _rig.Log.Logged = line =>
        {
            if (IsOf(line, "has failed")) failures++;
            Disk.IsFull = failures == 1 && (Disk.IsFull || IsOf(line, "works again"));
        };
        Disk.WritesToFail = 1;
        var append = store.AppendAsync([StoreRig.Added(2)], mustFlush: true).AsTask();
        await Eventually.IsTrueAsync(() => _rig.Log.Lines.Any(line => IsOf(line, "No room")), "the disk is full");

        // So long ago that the disk is trusted again.
        time.Advance(TimeSpan.FromMinutes(11));
        Disk.WritesToFail = 1;
        await append;
        await store.DisposeAsync();

        Assert.Equal(2, failures);
        Assert.Equal([1UL, 2UL], (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task What_was_acknowledged_after_a_failed_flush_stays_when_the_power_goes_right_then()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            using var rig = new StoreRig(onFaultyDisk: true, seed);
            await using (var store = rig.OpenLoaded().Store)
            {
                for (ulong id = 1; id <= 3; id++) await store.AppendAsync([StoreRig.Added(id)], mustFlush: true);
                rig.Disk!.SyncsToFail = 1;
                // On the store's thread, so that it writes nothing more.
                await store.AppendAsync([StoreRig.Added(4)], mustFlush: true).AsTask().ContinueWith(
                    stored =>
                    {
                        rig.Disk.OperationsLeft = 0;
                        stored.GetAwaiter().GetResult();
                    },
                    CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }

            rig.Disk.LosePower();
            Assert.Equal([1UL, 2UL, 3UL, 4UL], (await rig.ReadAsync()).Ids);
        }
    }

    private static bool IsOf(string line, string text) => line.Contains(text, StringComparison.Ordinal);
}
