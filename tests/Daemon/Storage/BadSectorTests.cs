using Queued.Broker;
using Queued.Daemon.Hosting;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

/// <summary>A disk that gives EIO for some of what it has.</summary>
public sealed class BadSectorTests : IDisposable
{
    private const string Database = StoreOptions.DatabaseName;

    private readonly StoreRig _rig = new(onFaultyDisk: true);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_task_that_the_disk_cannot_read_is_named_as_damage_and_all_that_can_be_read_is_saved()
    {
        await FillAsync(3000, payloadBytes: 0);
        _rig.Disk!.BadSectors.Add((Database, _rig.Disk.SectorOf(Database, "marker-1500 ")));

        var store = _rig.Open();
        var refusal = Assert.Throws<StoreDamagedException>(() => store.Load().Tasks.Count());
        Assert.Equal(ExitCode.Damaged, refusal.ExitCode);
        Assert.Contains("errno 5", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("queued repair --data", refusal.Message, StringComparison.Ordinal);
        await store.DisposeAsync();

        // A file of its name is what the repair looks for; it reads from the faulty disk, and writes to a good one.
        await File.WriteAllBytesAsync(_rig.Options.DatabasePath, []);
        var refused = Repair(acceptLoss: false);
        Assert.False(refused.IsMended);
        Assert.NotEmpty(refused.Losses);
        Assert.True(Repair(acceptLoss: true).IsMended);
        _rig.Options = _rig.Options with { FileSystem = null, LengthOf = null };
        var ids = (await _rig.ReadAsync()).Ids.ToHashSet();
        Assert.DoesNotContain(1500UL, ids);
        // One page of 8 KiB is lost, and no more.
        Assert.InRange(ids.Count, 2850, 2999);
        Assert.Superset(new HashSet<ulong> { 1, 3000 }, ids);
    }

    [Fact]
    public async Task A_payload_that_the_disk_cannot_read_fails_its_reader_and_nobody_else()
    {
        await FillAsync(200, payloadBytes: 20_000);
        _rig.Disk!.BadSectors.Add((Database, _rig.Disk.SectorOf(Database, "payload-100 ")));

        await using var store = _rig.OpenLoaded().Store;
        var lost = await Assert.ThrowsAsync<PayloadLostException>(
            async () => await store.ReadPayloadAsync(new TaskId(100), PayloadKind.Input));

        Assert.Contains("errno 5", lost.Message, StringComparison.Ordinal);
        await store.ReadPayloadAsync(new TaskId(1), PayloadKind.Input);
        await store.AppendAsync([StoreRig.Added(201)], mustFlush: true);
        Assert.Contains(store.Problems, problem => problem.Contains("task 100", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_after_a_power_loss_checks_all_but_payloads_which_are_checked_when_they_are_read()
    {
        await FillAsync(200, payloadBytes: 20_000);
        var killed = _rig.OpenLoaded().Store;
        _rig.Disk!.OperationsLeft = 0;
        await killed.DisposeAsync();
        _rig.Disk.LosePower();
        _rig.Disk.BadSectors.Add((Database, _rig.Disk.SectorOf(Database, "payload-100 ")));

        await using (var store = _rig.OpenLoaded().Store)
        {
            await store.ReadPayloadAsync(new TaskId(1), PayloadKind.Input);
            await Assert.ThrowsAsync<PayloadLostException>(
                async () => await store.ReadPayloadAsync(new TaskId(100), PayloadKind.Input));
        }

        Assert.Contains(_rig.Log.Lines, line => line.Contains("did not end in order", StringComparison.Ordinal));
    }

    private RepairReport Repair(bool acceptLoss) =>
        new StoreRepair(_rig.Options, TimeProvider.System, acceptLoss).Run();

    private async Task FillAsync(int count, int payloadBytes)
    {
        await using var store = _rig.OpenLoaded().Store;
        await store.AppendAsync(
            [.. Enumerable.Range(1, count).Select(id => StoreRig.Added(
                (ulong)id, $"payload-{id} ".PadRight(payloadBytes, '.'), $"marker-{id} "))],
            mustFlush: true);
    }
}
