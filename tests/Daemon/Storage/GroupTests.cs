using Queued.Broker;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

public sealed class GroupTests : IDisposable
{
    private readonly StoreRig _rig = new(onFaultyDisk: true);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task What_arrives_while_a_group_is_written_is_flushed_together()
    {
        await using var store = _rig.OpenLoaded().Store;
        await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
        var before = _rig.Disk!.Syncs;

        // The first group cannot be written, so all the others arrive meanwhile.
        _rig.Disk.IsFull = true;
        var appends = Enumerable.Range(2, 500)
            .Select(id => store.AppendAsync([StoreRig.Added((ulong)id)], mustFlush: true).AsTask()).ToList();
        await Eventually.IsTrueAsync(() => store.Problems.Count > 0, "the disk is full");
        _rig.Disk.IsFull = false;
        await Task.WhenAll(appends);

        Assert.InRange(_rig.Disk.Syncs - before, 1, 50);
    }

    [Fact]
    public async Task Nobody_waits_for_what_need_not_be_flushed_and_it_is_written_all_the_same()
    {
        var store = _rig.OpenLoaded().Store;
        _rig.Disk!.IsFull = true;
        var append = store.AppendAsync([StoreRig.Added(1)], mustFlush: false).AsTask();
        Assert.True(append.IsCompletedSuccessfully);
        _rig.Disk.IsFull = false;
        await store.DisposeAsync();

        Assert.Equal([1UL], (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task Even_who_waits_for_nothing_waits_when_too_much_is_unwritten()
    {
        _rig.Options = _rig.Options with { WaitingBytesMax = 100_000 };
        await using var store = _rig.OpenLoaded().Store;
        _rig.Disk!.IsFull = true;
        var first = store.AppendAsync([StoreRig.Added(1)], mustFlush: false).AsTask();
        // From here on nothing more is taken out of what waits.
        await Eventually.IsTrueAsync(() => store.Problems.Count > 0, "the disk is full");
        var appends = Enumerable.Range(2, 300)
            .Select(id => store.AppendAsync([StoreRig.Added((ulong)id)], mustFlush: false).AsTask()).ToList();
        Assert.False(appends[^1].IsCompleted);

        _rig.Disk.IsFull = false;
        await Task.WhenAll([first, .. appends]);
    }

    [Fact]
    public async Task A_full_disk_holds_acknowledgements_until_there_is_room_and_needs_no_restart()
    {
        await using var store = _rig.OpenLoaded().Store;
        _rig.Disk!.IsFull = true;
        var append = store.AppendAsync([StoreRig.Added(1)], mustFlush: true).AsTask();
        await Eventually.IsTrueAsync(() => store.Problems.Count > 0, "the disk is full");
        Assert.False(append.IsCompleted);
        var told = _rig.Log.Lines.Single(line => line.Contains("No room for", StringComparison.Ordinal));
        Assert.Contains(_rig.Options.DatabasePath, told, StringComparison.Ordinal);
        Assert.Contains("errno 28", told, StringComparison.Ordinal);

        _rig.Disk.IsFull = false;
        await append;
        Assert.Empty(store.Problems);
    }

    [Fact]
    public async Task A_payload_whose_task_was_removed_before_it_could_be_read_is_no_loss()
    {
        await using var store = _rig.OpenLoaded().Store;
        _rig.Disk!.IsFull = true;
        var first = store.AppendAsync([StoreRig.Added(1)], mustFlush: true).AsTask();
        await Eventually.IsTrueAsync(() => store.Problems.Count > 0, "the disk is full");
        await store.AppendAsync([StoreRig.Added(2, new string('p', 1000))], mustFlush: false);
        var read = store.ReadPayloadAsync(new TaskId(2), PayloadKind.Input).AsTask();
        var removed = store.AppendAsync([StoreRig.Ended(2, "r"), new Change.TaskRemoved(new TaskId(2))], true).AsTask();
        _rig.Disk.IsFull = false;
        await Task.WhenAll(first, removed);

        await Assert.ThrowsAsync<PayloadLostException>(() => read);
        Assert.Empty(store.Problems);
        Assert.DoesNotContain(_rig.Log.Lines, line => line.Contains("of task 2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_task_that_moves_in_the_group_it_was_added_in_is_written_once_as_it_stands_by_then()
    {
        var group = new ChangeGroup();
        var running = new Change.TaskMoved(new TaskId(1), new TaskStanding(TaskState.Running) { Attempt = 1 });

        group.Collect([new AppendJob([StoreRig.Added(1), StoreRig.Added(2)]), new AppendJob([running])]);
        Assert.Equal(
            [(1UL, TaskState.Running), (2UL, TaskState.Queued)],
            group.Remaining.Cast<Change.TaskAdded>().Select(added => (added.Task.Id.Value, added.Task.Standing.State)));

        group.Collect([new AppendJob([StoreRig.Added(1)]), new AppendJob([running, StoreRig.Ended(1, "r")])]);
        Assert.Equal("r", StoreRig.Text(
            Assert.IsType<Change.TaskAdded>(Assert.Single(group.Remaining)).Task.Standing.End!.Result!.Value));
    }

    [Fact]
    public async Task A_flush_that_fails_once_acknowledges_nothing_until_the_store_was_reopened()
    {
        var store = _rig.OpenLoaded().Store;
        await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
        _rig.Disk!.SyncsToFail = 1;
        await store.AppendAsync([StoreRig.Added(2)], mustFlush: true);
        Assert.Contains(_rig.Log.Lines, line => line.Contains("errno 5", StringComparison.Ordinal));
        Assert.Contains(_rig.Log.Lines, line => line.Contains("works again", StringComparison.Ordinal));
        await store.DisposeAsync();

        Assert.Equal([1UL, 2UL], (await _rig.ReadAsync()).Ids);
    }

    [Fact]
    public async Task A_flush_that_fails_for_ever_ends_the_store_with_path_and_errno()
    {
        var store = _rig.OpenLoaded().Store;
        var failed = new TaskCompletionSource<Exception>();
        store.Failed += exception => failed.TrySetResult(exception);
        await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
        _rig.Disk!.SyncsToFail = int.MaxValue;

        var failure = await Assert.ThrowsAsync<StoreFailedException>(
            async () => await store.AppendAsync([StoreRig.Added(2)], mustFlush: true));
        Assert.Contains(_rig.Options.DatabasePath, failure.Message, StringComparison.Ordinal);
        Assert.Contains("errno 5", failure.Message, StringComparison.Ordinal);
        Assert.Equal(74, failure.ExitCode);
        Assert.Same(failure, await failed.Task);
        await Assert.ThrowsAsync<StoreFailedException>(
            async () => await store.AppendAsync([StoreRig.Added(3)], mustFlush: true));
        await store.DisposeAsync();

        _rig.Disk.SyncsToFail = 0;
        _rig.Disk.LosePower();
        var ids = (await _rig.ReadAsync()).Ids;
        Assert.Contains(1UL, ids);
        Assert.DoesNotContain(3UL, ids);
    }

    [Fact]
    public void A_file_system_that_cannot_be_measured_is_a_problem_and_not_the_end()
    {
        using var log = new LogLines();
        var directory = Directory.CreateTempSubdirectory("queued-room-");
        var room = new StoreRoom(
            new StoreOptions { Directory = directory.FullName, FreeBytesMin = 0, FreePercentMin = 0 }, log);
        directory.Delete();

        room.Look();

        Assert.Contains(directory.FullName, Assert.Single(room.Problems), StringComparison.Ordinal);
        Assert.False(room.IsShort);
    }
}
