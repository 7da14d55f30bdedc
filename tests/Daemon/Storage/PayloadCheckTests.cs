using Queued.Broker;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

/// <summary>What is looked at after an unclean end, while nobody wants anything of the store.</summary>
public sealed class PayloadCheckTests : IDisposable
{
    private const string Database = StoreOptions.DatabaseName;
    private const int Tasks = 300;

    /// <summary>So long that no two of them begin on one page.</summary>
    private const int PayloadBytes = 22_360;

    private readonly StoreRig _rig = new(onFaultyDisk: true);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task After_a_power_loss_a_damaged_payload_is_named_before_anybody_reads_it()
    {
        await FillAsync();
        await LosePowerAsync();
        Damage(100);

        await using var store = _rig.OpenLoaded().Store;
        await IsCheckedAsync("; 1 tasks are damaged");

        var problem = Assert.Single(store.Problems);
        Assert.StartsWith(
            $"damaged in {_rig.Options.DatabasePath}: task 100: ", problem, StringComparison.Ordinal);
        Assert.Contains("errno 5", problem, StringComparison.Ordinal);
        await store.AppendAsync([StoreRig.Added(Tasks + 1)], mustFlush: true);
        await store.ReadPayloadAsync(new TaskId(1), PayloadKind.Input);
    }

    [Fact]
    public async Task Of_many_damaged_payloads_the_first_are_named_with_the_command_that_names_all()
    {
        await FillAsync();
        await LosePowerAsync();
        for (var id = 100; id < 112; id++) Damage(id);

        await using var store = _rig.OpenLoaded().Store;
        await IsCheckedAsync("; 12 tasks are damaged");

        Assert.Equal(11, store.Problems.Count);
        Assert.Contains("task 109:", store.Problems[9], StringComparison.Ordinal);
        Assert.Contains("queued check --data", store.Problems[10], StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_an_end_in_order_nothing_is_checked()
    {
        await FillAsync();
        Damage(100);

        await using (var store = _rig.OpenLoaded().Store)
        {
            // Its checkpoint is what comes after a while in which nobody wanted anything.
            await store.AppendAsync([StoreRig.Added(Tasks + 1)], mustFlush: true);
            var syncs = _rig.Disk!.Syncs;
            await Eventually.IsTrueAsync(() => _rig.Disk.Syncs > syncs, "the store has been idle");
            Assert.Empty(store.Problems);
        }

        Assert.DoesNotContain(_rig.Log.Lines, line => line.Contains("All payloads", StringComparison.Ordinal));
    }

    private async Task FillAsync()
    {
        await using var store = _rig.OpenLoaded().Store;
        for (var id = 1; id <= Tasks; id++)
        {
            var payload = $"payload-{id} ".PadRight(PayloadBytes, 'p');
            await store.AppendAsync([StoreRig.Added((ulong)id, payload)], mustFlush: false);
        }
    }

    private async Task LosePowerAsync()
    {
        var killed = _rig.OpenLoaded().Store;
        _rig.Disk!.OperationsLeft = 0;
        await killed.DisposeAsync();
        _rig.Disk.LosePower();
    }

    private void Damage(int id) =>
        _rig.Disk!.BadSectors.Add((Database, _rig.Disk.SectorOf(Database, $"payload-{id} ")));

    private Task IsCheckedAsync(string end) => Eventually.IsTrueAsync(
        () => _rig.Log.Lines.Any(line => line.Contains(end, StringComparison.Ordinal)), "all is checked");
}
