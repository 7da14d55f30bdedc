using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>What a grant tells the daemon, whatever becomes of its caller.</summary>
public sealed class GrantTests : SessionTests
{
    [Fact]
    public async Task A_release_is_sent_also_where_its_caller_waits_no_longer()
    {
        var acquiring = Client.Lock("door").AcquireAsync();
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(new SessionResult { Tag = use.Tag, UseState = new() });
        var acquire = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(
            new SessionResult { Tag = acquire.Tag, Acquire = new() { Acquired = true, FencingToken = 5 } });
        var grant = await acquiring.WaitAsync(Patience);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => grant.ReleaseAsync(new CancellationToken(canceled: true)));

        var release = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal(("door", 5UL), (release.Release.Name, release.Release.FencingToken));
    }
}
