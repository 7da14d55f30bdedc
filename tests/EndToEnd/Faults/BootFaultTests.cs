using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>
/// Workers that do not get ready. The pool says why, tries less and less often, and its tasks stay queued.
/// </summary>
public sealed class BootFaultTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private FaultDaemon Daemon => shared.Daemon;

    [Fact]
    public async Task A_command_that_never_says_hello_is_killed_at_the_boot_timeout()
    {
        await using var pool = await Daemon.AddColdPoolAsync(
            2, spec => Hasty(spec, "sleep", "1000") with { BootTimeout = TimeSpan.FromMilliseconds(100) });

        var info = await IsBrokenAsync(pool, "no hello within 00:00:00.1");

        Assert.Equal(0, info.ReadyCount);
        await TasksStayQueuedAsync(pool);
    }

    [Fact]
    public async Task A_worker_of_another_protocol_version_is_told_so_and_does_not_boot()
    {
        await using var pool = await Daemon.AddColdPoolAsync(
            1, spec => Hasty(spec, FaultDaemon.Worker, "--protocol-version", "99"));

        await IsBrokenAsync(pool, "The worker speaks protocol version 99, this daemon speaks version 1.");

        await TasksStayQueuedAsync(pool);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        await using var pool = await Daemon.AddColdPoolAsync(1, spec => Hasty(spec, "/no/such/worker"));

        await IsBrokenAsync(pool, "/no/such/worker");

        await TasksStayQueuedAsync(pool);
    }

    [Fact]
    public async Task A_crash_loop_opens_the_breaker_and_a_worker_that_boots_closes_it()
    {
        var repaired = Path.Combine(Daemon.Folder, "repaired");
        var script = $"test -e '{repaired}' && exec '{FaultDaemon.Worker}'; echo 'broken as it is' >&2; exit 3";
        await using var pool = await Daemon.AddColdPoolAsync(3, spec => Hasty(spec, "sh", "-c", script));
        var task = await pool.SubmitAsync<int, int>("square", 7);

        var info = await IsBrokenAsync(pool, "broken as it is");
        Assert.Contains("3", info.LastBootError, StringComparison.Ordinal);
        Assert.Contains(await pool.WorkersAsync(), worker => worker.State == WorkerState.Fatal);
        var queued = await task.GetInfoAsync();
        Assert.Equal((TaskState.Queued, 0, 0), (queued.State, queued.Attempt, queued.LostDeliveries));

        await File.WriteAllTextAsync(repaired, "");

        Assert.Equal(49, await task.GetResultAsync());
        Assert.Null((await pool.IsFullAsync()).LastBootError);
    }

    [Fact]
    public async Task A_reload_tries_a_broken_pool_at_once()
    {
        var repaired = Path.Combine(Daemon.Folder, "repaired-and-reloaded");
        var script = $"test -e '{repaired}' && exec '{FaultDaemon.Worker}'; exit 3";
        await using var pool = await Daemon.AddColdPoolAsync(
            2, spec => Hasty(spec, "sh", "-c", script) with { RestartBackoffMax = TimeSpan.FromHours(1) });
        await IsBrokenAsync(pool, "3");
        await File.WriteAllTextAsync(repaired, "");

        await Daemon.Client.Pools.ReloadAsync(pool.Name);

        await pool.IsFullAsync();
    }

    private static PoolSpec Hasty(PoolSpec spec, params string[] command) => spec with
    {
        Command = command,
        BreakerFailures = 2,
        RestartBackoff = TimeSpan.FromMilliseconds(10),
        RestartBackoffMax = TimeSpan.FromMilliseconds(500),
    };

    private static Task<PoolInfo> IsBrokenAsync(FaultPool pool, string bootError) => Eventually.BecomesAsync(
        pool.InfoAsync,
        info => info.State == PoolState.Broken &&
            info.LastBootError?.Contains(bootError, StringComparison.Ordinal) == true,
        $"a broken pool because of '{bootError}'",
        describe: info => $"It is {info.State}: {info.LastBootError}");

    private static async Task TasksStayQueuedAsync(FaultPool pool)
    {
        var task = await pool.SubmitAsync<int, int>("square", 7);
        var restarts = (await pool.InfoAsync()).RestartsTotal;
        await Eventually.BecomesAsync(
            pool.InfoAsync, info => info.RestartsTotal > restarts, "one more worker tried");
        var info = await task.GetInfoAsync();
        Assert.Equal((TaskState.Queued, 0, 0), (info.State, info.Attempt, info.LostDeliveries));
    }
}
