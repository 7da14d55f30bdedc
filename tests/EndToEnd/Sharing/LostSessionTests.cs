using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>The daemon is killed while something of shared state is held.</summary>
public sealed class LostSessionTests
{
    [Fact]
    public async Task Who_holds_a_lock_hears_of_it_and_the_next_daemon_gives_higher_numbers()
    {
        using var folder = new TestFolder();
        await using var daemon = await FaultDaemon.StartAsync(folder);
        await using var client = new QueuedClient(new QueuedClientOptions { Address = $"unix:{folder.Socket}" });
        await using var gate = client.Lock("x");
        var grant = await gate.AcquireAsync();
        var lost = new TaskCompletionSource();
        await using var registration = grant.Lost.Register(lost.SetResult);
        var waiting = client.Event("never").WaitAsync();

        await daemon.KillAsync();
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<SessionLostException>(() => waiting);
        await Assert.ThrowsAsync<SessionLostException>(() => grant.ReleaseAsync());

        await using var second = await FaultDaemon.StartAsync(folder);
        await using var next = await gate.AcquireAsync();
        Assert.True(next.FencingToken > grant.FencingToken);
    }
}
