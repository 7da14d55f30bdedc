namespace Queued.Benchmarks.Tests;

/// <summary>What holds peers, with shells in their place.</summary>
public sealed class PeerTests
{
    [Fact]
    public async Task Driver_does_a_round_for_each_number()
    {
        await using var driver = await Driver.StartAsync(
            "sh", "-c", """echo ready; while read n; do echo "{\"seconds\": $n, \"latencies\": [1, 2]}"; done""");

        Assert.Equal(7, (await driver.RunAsync(7)).Seconds);
        var lap = await driver.RunAsync(8);
        Assert.Equal(8, lap.Seconds);
        Assert.Equal([1, 2], lap.Latencies);
    }

    [Fact]
    public async Task Driver_that_ends_fails_with_what_it_said()
    {
        await using var driver = await Driver.StartAsync("sh", "-c", "echo ready; read n; echo oh dear >&2; exit 3");

        var failure = await Assert.ThrowsAsync<PeerFailedException>(() => driver.RunAsync(1));

        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("oh dear", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Driver_that_is_not_ready_fails_with_what_it_said()
    {
        var failure = await Assert.ThrowsAsync<PeerFailedException>(
            () => Driver.StartAsync("sh", "-c", "echo no such thing >&2; exit 1"));

        Assert.Contains("no such thing", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ends_with_its_leash()
    {
        var leash = await Leash.StartAsync(() => Task.FromResult(true), "sleep", "1000");
        var server = await ChildAsync(leash.ProcessId);

        await leash.DisposeAsync();

        Assert.Null(ProcStat.Read(server));
    }

    [Fact]
    public async Task Server_that_does_not_get_ready_fails_with_what_it_said()
    {
        var failure = await Assert.ThrowsAsync<PeerFailedException>(() => Leash.StartAsync(
            () => Task.FromResult(false), "sh", "-c", "echo address in use >&2; exit 1"));

        Assert.Contains("address in use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task Program_that_is_not_there_is_missing_and_not_broken() => Assert.ThrowsAsync<PeerMissingException>(
        () => Leash.StartAsync(() => Task.FromResult(true), "no-such-server"));

    [Fact]
    public async Task Cost_of_a_process_includes_what_its_children_use()
    {
        const string count = "'i=0; while [ $i -lt '$n' ]; do i=$((i+1)); done'";
        await using var driver = await Driver.StartAsync(
            "sh", "-c", $"echo ready; while read n; do sh -c {count}; echo '{{}}'; done");
        var before = Cost.Of(ProcessTree.Of([driver.ProcessId]));

        await driver.RunAsync(300_000);

        Assert.True((Cost.Of(ProcessTree.Of([driver.ProcessId])) - before).CpuSeconds > 0.02);
    }

    private static async Task<int> ChildAsync(int parent)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (ProcessTree.Of([parent]).Length < 2) await timer.WaitForNextTickAsync();
        return ProcessTree.Of([parent])[1];
    }
}
