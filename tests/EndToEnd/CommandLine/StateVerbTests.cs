using System.Text.Json;
using Queued.Client;
using Queued.EndToEnd.Tests.Docs;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.CommandLine;

/// <summary>queuectl lock and queuectl state, against a real daemon.</summary>
public sealed class StateVerbTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private FaultDaemon Daemon { get; } = shared.Daemon;

    [Fact]
    public async Task Lock_list_shows_who_holds_and_release_takes_it_away()
    {
        await using var holder = new QueuedClient(new QueuedClientOptions { Address = $"unix:{Daemon.Socket}" });
        await using var grant = await holder.Lock("l").AcquireAsync(lease: TimeSpan.FromHours(1));
        var list = (await RunAsync("lock list")).Output;
        Assert.Contains($"{grant.FencingToken}", list, StringComparison.Ordinal);
        Assert.Contains($" {Environment.ProcessId}", list, StringComparison.Ordinal);

        using var json = JsonDocument.Parse((await RunAsync("lock list --json")).Output.Split('\n')[0]);
        var held = json.RootElement.GetProperty("grants")[0];
        Assert.Equal(grant.FencingToken, held.GetProperty("fencing_token").GetUInt64());
        Assert.True(held.TryGetProperty("lease_until", out _));

        var waiting = Daemon.Client.Lock("l").AcquireAsync();
        Assert.Equal($"{grant.FencingToken}\n", (await RunAsync("lock release l")).Output);
        await using var next = await waiting;
        Assert.Equal(1, (await RunAsync($"lock release l --token {grant.FencingToken}")).ExitCode);
        Assert.Equal(4, (await RunAsync("lock release nothing")).ExitCode);
    }

    [Fact]
    public async Task State_verbs_read_and_write_every_kind_that_has_contents()
    {
        Assert.Equal("5\n", (await RunAsync("state add n 5")).Output);
        Assert.Equal("6\n", (await RunAsync("state add n")).Output);
        Assert.Equal(0, (await RunAsync("state set n 9")).ExitCode);
        Assert.Equal("{\"name\":\"n\",\"value\":9}\n", (await RunAsync("state get n --json")).Output);
        Assert.Equal(64, (await RunAsync("state set n word")).ExitCode);

        Assert.Equal(0, (await RunAsync("state set v word")).ExitCode);
        Assert.Equal("word\n", (await RunAsync("state get v")).Output);
        Assert.Equal(0, (await RunAsync("state set m 1 --key a")).ExitCode);
        Assert.Equal(0, (await RunAsync("state set m 2 --key b")).ExitCode);
        Assert.Equal("a\t1\nb\t2\n", (await RunAsync("state get m")).Output);
        Assert.Equal("2\n", (await RunAsync("state get m --key b")).Output);
        var absent = await RunAsync("state get m --key c");
        Assert.Equal((4, ""), (absent.ExitCode, absent.Output));

        await using var gate = Daemon.Client.Event("e", keep: true);
        Assert.False(await gate.IsSetAsync());
        Assert.Equal(0, (await RunAsync("state set e true")).ExitCode);
        Assert.Equal("true\n", (await RunAsync("state get e")).Output);
        await using var list = Daemon.Client.List<int>("i", keep: true);
        await list.AddAsync(1);
        Assert.Equal(0, (await RunAsync("state add i 2")).ExitCode);
        Assert.Equal("1\n2\n", (await RunAsync("state get i")).Output);
        Assert.Equal(2, await list.GetAsync(-1));
    }

    [Fact]
    public async Task State_list_show_and_delete()
    {
        await using var counter = Daemon.Client.Counter("shown", keep: true);
        await counter.AddAsync(3);
        Assert.Contains("shown", (await RunAsync("state list --kind counter")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("shown", (await RunAsync("state list --kind map")).Output, StringComparison.Ordinal);
        Assert.Equal(64, (await RunAsync("state list --kind thing")).ExitCode);
        Assert.Contains("counter", (await RunAsync("state show shown")).Output, StringComparison.Ordinal);
        await using var grant = await Daemon.Client.Lock("used").AcquireAsync();
        Assert.Equal(1, (await RunAsync("state delete used")).ExitCode);
        Assert.Equal(0, (await RunAsync("state delete used --force")).ExitCode);
        Assert.Equal(4, (await RunAsync("state delete used")).ExitCode);
        Assert.Equal(4, (await RunAsync("state show used")).ExitCode);
        Assert.Equal(64, (await RunAsync("state delete")).ExitCode);
    }

    private Task<ProgramRun> RunAsync(string line) =>
        ProgramRun.OfAsync(BuiltPrograms.Cli, line.Split(' '), Daemon.Environment);
}
