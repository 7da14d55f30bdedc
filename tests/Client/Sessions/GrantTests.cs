using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>What a grant tells the daemon, whatever becomes of its caller.</summary>
public sealed class GrantTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ScriptedSession _daemon = null!;
    private QueuedClient _client = null!;

    public async Task InitializeAsync()
    {
        _daemon = await ScriptedSession.StartAsync();
        _client = _daemon.Connect();
    }

    public async Task DisposeAsync()
    {
        _daemon.End();
        await _client.DisposeAsync();
        await _daemon.DisposeAsync();
    }

    [Fact]
    public async Task A_release_is_sent_also_where_its_caller_waits_no_longer()
    {
        var acquiring = _client.Lock("door").AcquireAsync();
        var use = Assert.Single(await _daemon.OperationsAsync(1));
        await _daemon.AnswerAsync(new SessionResult { Tag = use.Tag, UseState = new() });
        var acquire = Assert.Single(await _daemon.OperationsAsync(1));
        await _daemon.AnswerAsync(
            new SessionResult { Tag = acquire.Tag, Acquire = new() { Acquired = true, FencingToken = 5 } });
        var grant = await acquiring.WaitAsync(Patience);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => grant.ReleaseAsync(new CancellationToken(canceled: true)));

        var release = Assert.Single(await _daemon.OperationsAsync(1));
        Assert.Equal(("door", 5UL), (release.Release.Name, release.Release.FencingToken));
    }
}
