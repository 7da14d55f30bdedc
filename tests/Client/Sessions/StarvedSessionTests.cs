using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>A session that has no credit left to send operations with.</summary>
public sealed class StarvedSessionTests : SessionTests
{
    public StarvedSessionTests()
    {
        Clock = new HeldClock(standsStill: true);
        // For the use, and one operation.
        Credits = 2;
    }

    [Fact]
    public async Task What_was_sent_is_called_off_while_others_wait_for_credits()
    {
        var door = Client.Lock("door");
        using var cancel = new CancellationTokenSource();
        var sent = door.AcquireAsync(cancellationToken: cancel.Token);
        var acquire = await UseAsync();
        var unsent = door.AcquireAsync();

        await cancel.CancelAsync();

        Assert.Equal([acquire.Tag], (await Daemon.NextAsync()).CancelTags);
        await Daemon.AnswerAsync(
            new SessionResult { Tag = acquire.Tag, Error = ScriptedDaemon.Error("WAIT_CANCELLED", "It was.") });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent.WaitAsync(Patience));
        Assert.False(unsent.IsCompleted);
    }

    [Fact]
    public async Task What_was_not_sent_and_is_called_off_is_never_sent()
    {
        var door = Client.Lock("door");
        var sent = door.AcquireAsync();
        var acquire = await UseAsync();
        using var cancel = new CancellationTokenSource();
        var unsent = door.AcquireAsync(cancellationToken: cancel.Token);
        var last = door.AcquireAsync(TimeSpan.FromSeconds(3));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unsent.WaitAsync(Patience));
        await GrantAsync(acquire);
        await sent.WaitAsync(Patience);
        var next = await Daemon.NextAsync();
        Assert.Empty(next.CancelTags);
        Assert.Equal(3, Assert.Single(next.Operations).Acquire.Wait.Seconds);
        Assert.False(last.IsCompleted);
    }

    [Fact]
    public async Task A_lease_runs_on_where_the_wait_for_a_condition_was_never_sent()
    {
        var lease = TimeSpan.FromMinutes(7);
        var ready = Client.Condition("ready");
        var acquiring = ready.AcquireAsync(lease: lease);
        await GrantAsync(await UseAsync(), credits: 0);
        var grant = await acquiring.WaitAsync(Patience);
        var lost = new TaskCompletionSource();
        await using var registration = grant.Lost.Register(lost.SetResult);
        using var cancel = new CancellationTokenSource();
        var waiting = ready.WaitAsync(grant, cancellationToken: cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));
        await Clock!.FireAsync(lease);
        await lost.Task.WaitAsync(Patience);
    }

    private async Task<SessionOperation> UseAsync()
    {
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(credits: 0, new SessionResult { Tag = use.Tag, UseState = new() });
        return Assert.Single(await Daemon.OperationsAsync(1));
    }

    private Task GrantAsync(SessionOperation acquire, uint credits = 1) => Daemon.AnswerAsync(
        credits, new SessionResult { Tag = acquire.Tag, Acquire = new() { Acquired = true, FencingToken = 5 } });
}
