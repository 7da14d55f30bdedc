using System.Globalization;
using Queued.Daemon.Storage;
using Xunit.Abstractions;

namespace Queued.Daemon.Tests.Storage;

/// <summary>
/// A disk that loses and tears what was not flushed, at points of a scenario: at some of them, or at every one where
/// QUEUED_POWER_SEEDS says how often what is lost is drawn for each.
/// </summary>
public sealed class PowerLossTests(ITestOutputHelper output)
{
    private static readonly StoreScenario Scenario = new();

    private static int Seeds => int.Parse(
        Environment.GetEnvironmentVariable("QUEUED_POWER_SEEDS") ?? "1", CultureInfo.InvariantCulture);

    private static int Stride => Environment.GetEnvironmentVariable("QUEUED_POWER_SEEDS") is null ? 5 : 1;

    [Fact]
    public async Task Wherever_the_power_is_cut_all_that_was_acknowledged_is_there_and_nothing_by_halves()
    {
        var operations = (await CountAsync()).Operations;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            for (var cut = 0; cut < operations; cut += Stride)
            {
                var (acknowledged, found) = await CutAsync(cut, seed, lies: false);
                Assert.True(found >= acknowledged, $"cut after {cut}, seed {seed}: {acknowledged}, found {found}");
            }
        }

        output.WriteLine($"{operations / Stride} cuts of {operations}, {Seeds} times each");
    }

    [Fact]
    public async Task A_store_that_did_not_flush_would_be_found_out()
    {
        var operations = (await CountAsync()).Operations;
        var losses = 0;
        for (var cut = operations / 2; cut < operations; cut += 10)
        {
            var (acknowledged, found) = await CutAsync(cut, seed: 1, lies: true);
            if (found < acknowledged) losses++;
        }

        Assert.NotEqual(0, losses);
    }

    [Fact]
    public async Task Whichever_flush_fails_once_nothing_acknowledged_is_lost_when_the_power_goes_later()
    {
        var syncs = (await CountAsync()).Syncs;
        var reopened = 0;
        for (var fault = 0; fault < syncs; fault++)
        {
            using var rig = new StoreRig(onFaultyDisk: true, seed: fault);
            var (acknowledged, failure) = await RunAsync(rig, disk =>
            {
                disk.SyncsToPass = fault;
                disk.SyncsToFail = 1;
            });

            // Only where a store is opened or closed there is nobody who could try again.
            if (failure is null)
            {
                Assert.Equal(Scenario.Count, acknowledged);
                if (rig.Log.Lines.Any(line => line.Contains("works again", StringComparison.Ordinal))) reopened++;
            }
            else
            {
                Assert.Contains("errno 5", failure.Message, StringComparison.Ordinal);
            }

            rig.Disk!.SyncsToFail = 0;
            rig.Disk.LosePower();
            Assert.True(await FindAsync(rig) >= acknowledged, $"flush {fault}: {acknowledged} were acknowledged");
        }

        Assert.InRange(reopened, Scenario.Count / 2, syncs);
        output.WriteLine($"{syncs} flushes failed, one a run; {reopened} times the store was reopened");
    }

    [Fact]
    public async Task Whenever_flushes_begin_to_fail_for_ever_nothing_is_acknowledged_any_more()
    {
        var syncs = (await CountAsync()).Syncs;
        for (var fault = 0; fault < syncs; fault += 2)
        {
            using var rig = new StoreRig(onFaultyDisk: true, seed: fault);
            var (acknowledged, failure) = await RunAsync(rig, disk =>
            {
                disk.SyncsToPass = fault;
                disk.SyncsToFail = int.MaxValue;
            });
            if (acknowledged < Scenario.Count)
            {
                Assert.NotNull(failure);
                Assert.Contains(rig.Options.DatabasePath, failure.Message, StringComparison.Ordinal);
                Assert.Contains("errno 5", failure.Message, StringComparison.Ordinal);
            }

            rig.Disk!.SyncsToFail = 0;
            rig.Disk.LosePower();
            Assert.True(await FindAsync(rig) >= acknowledged, $"flush {fault}: {acknowledged} were acknowledged");
        }
    }

    [Fact]
    public async Task However_often_the_disk_is_full_nothing_is_lost_and_nothing_needs_a_restart()
    {
        for (var seed = 1; seed <= 5 * Seeds; seed++)
        {
            using var rig = new StoreRig(onFaultyDisk: true, seed);
            var random = new Random(seed);
            var acknowledged = 0;
            await Scenario.RunAsync(
                rig, groups => acknowledged = groups,
                (group, store) =>
                {
                    if (group > 0 && random.Next(3) != 0) return;
                    rig.Disk!.IsFull = true;
                    _ = EmptyAsync(rig, store);
                },
                () =>
                {
                    Assert.DoesNotContain(rig.Log.Lines, line => line.Contains("reopened", StringComparison.Ordinal));
                    rig.Disk!.OperationsLeft = 0;
                });
            Assert.Equal(Scenario.Count, acknowledged);
            rig.Disk!.LosePower();
            Assert.Equal(Scenario.Count, await FindAsync(rig));
        }
    }

    /// <summary>Somebody makes room as soon as the store has said that there is none.</summary>
    private static async Task EmptyAsync(StoreRig rig, SqliteStore store)
    {
        await Eventually.IsTrueAsync(() => store.Problems.Count > 0, "the disk is full");
        rig.Disk!.IsFull = false;
    }

    private static async Task<(int Operations, int Syncs)> CountAsync()
    {
        using var rig = new StoreRig(onFaultyDisk: true);
        await Scenario.RunAsync(rig, _ => { });
        return (rig.Disk!.Operations, rig.Disk.Syncs);
    }

    private static async Task<(int Acknowledged, int Found)> CutAsync(int operations, int seed, bool lies)
    {
        using var rig = new StoreRig(onFaultyDisk: true, seed: (seed * 100_000) + operations);
        var (acknowledged, _) = await RunAsync(rig, disk =>
        {
            disk.OperationsLeft = operations;
            disk.Lies = lies;
        });
        rig.Disk!.LosePower();
        rig.Disk.Lies = false;
        try
        {
            return (acknowledged, await FindAsync(rig));
        }
        catch (Exception e) when (lies && e is StoreDamagedException or PayloadLostException)
        {
            return (acknowledged, -1);
        }
    }

    /// <summary>Runs the scenario as far as it goes; at its end the power goes, so that it is not closed.</summary>
    private static async Task<(int Acknowledged, StoreFailedException? Failure)> RunAsync(
        StoreRig rig, Action<FaultyDisk> prepare)
    {
        var acknowledged = 0;
        prepare(rig.Disk!);
        try
        {
            await Scenario.RunAsync(
                rig, groups => acknowledged = groups, atEnd: () => rig.Disk!.OperationsLeft = 0);
            return (acknowledged, null);
        }
        catch (StoreFailedException failure)
        {
            return (acknowledged, failure);
        }
    }

    /// <summary>After how many groups the store is as it is now. -1: after none, so a group is there in part.</summary>
    private static async Task<int> FindAsync(StoreRig rig)
    {
        var (store, loaded) = rig.OpenLoaded();
        await using (store)
        {
            Assert.Empty(store.Problems);
            return Scenario.GroupsOf(await StoreScenario.DescribeAsync(store, loaded));
        }
    }
}
