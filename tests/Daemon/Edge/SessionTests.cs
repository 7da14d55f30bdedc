using Grpc.Core;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>The stream of a session, whatever is asked for on it.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private const int Window = 8;

    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync(
        new BrokerLoopOptions { Limits = BrokerHost.SmallLimits, OperationWindow = Window, SessionsMax = 2 });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_first_message_names_the_session_and_has_credits_and_limits()
    {
        await using var one = await TestSession.OpenAsync(_host);
        await using var other = await TestSession.OpenAsync(_host);

        Assert.NotEqual(one.Welcome.SessionId, other.Welcome.SessionId);
        Assert.Equal((uint)Window, one.Welcome.OperationCredits);
        Assert.Equal((ulong)BrokerHost.SmallLimits.PayloadBytesMax, one.Welcome.PayloadBytesMax);
        Assert.Equal((ulong)new BrokerLoopOptions().MessageBytesMax, one.Welcome.MessageBytesMax);
    }

    [Fact]
    public async Task An_operation_that_nobody_knows_is_refused_and_gives_its_credit_back()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await session.SendAsync(new SessionOperation { Tag = 3 });
        var result = await session.ResultAsync();

        Assert.Equal(3UL, result.Tag);
        RpcAssert.Refused(result.Error, "INVALID_REQUEST", "operations.operation");
        Assert.Equal(Window, session.Credits);
    }

    [Fact]
    public async Task More_operations_than_credits_end_the_session()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var tags = Enumerable.Range(1, Window + 1);
        await session.SendAsync([.. tags.Select(tag => new SessionOperation { Tag = (ulong)tag })]);
        var end = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (true) await session.ResultAsync();
        });

        RpcAssert.Failed(end, StatusCode.ResourceExhausted, "LIMIT_REACHED", "operations");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_holds_no_credit_so_that_what_ends_the_waits_can_be_sent(bool isCalledOff)
    {
        const int waits = 10 * Window;
        await using var session = await TestSession.OpenAsync(_host);
        await session.AskAsync(new SessionOperation
        {
            Tag = 1,
            UseState = new() { Name = "door", Spec = new() { Kind = StateKind.Lock } },
        });
        var holder = (await session.AskAsync(Acquire(2))).Acquire;
        for (var wait = 0UL; wait < waits; wait++)
        {
            await session.CreditAsync();
            await session.SendAsync(Acquire(100 + wait));
        }

        await session.CreditAsync();
        if (isCalledOff)
        {
            await session.CancelAsync([.. Enumerable.Range(100, waits).Select(tag => (ulong)tag)]);
            for (var wait = 0UL; wait < waits; wait++)
                RpcAssert.Refused((await session.ResultAsync()).Error, "WAIT_CANCELLED");
            return;
        }

        await session.SendAsync(Release(3, holder.FencingToken));
        for (var served = 0UL; served < waits;)
        {
            var result = await session.ResultAsync();
            if (result.Acquire is not { } acquired) continue;
            Assert.Equal(100 + served++, result.Tag);
            await session.CreditAsync();
            await session.SendAsync(Release(3, acquired.FencingToken));
        }

        static SessionOperation Acquire(ulong tag) => new() { Tag = tag, Acquire = new() { Name = "door" } };

        static SessionOperation Release(ulong tag, ulong token) =>
            new() { Tag = tag, Release = new() { Name = "door", FencingToken = token } };
    }

    [Fact]
    public async Task More_sessions_than_may_be_are_refused()
    {
        await using var one = await TestSession.OpenAsync(_host);
        await using var two = await TestSession.OpenAsync(_host);
        var end = await Assert.ThrowsAsync<RpcException>(() => TestSession.OpenAsync(_host));

        RpcAssert.Failed(end, StatusCode.ResourceExhausted, "LIMIT_REACHED");
    }
}
