using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Queued.Broker;
using Queued.Daemon.Edge.Streams;
using Queued.Daemon.Loop;
using Queued.Daemon.Tests.Edge;
using Queued.Protocol.Streams;

namespace Queued.Daemon.Tests.Streams;

/// <summary>A call whose daemon is busy with what the caller has said, and reads no pings.</summary>
public sealed class BusyCallTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly SocketPair _pair = new();
    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync(
        new BrokerLoopOptions { Limits = BrokerHost.SmallLimits, InboxMax = 1 }, _time);

    public async Task DisposeAsync()
    {
        _pair.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task The_peer_of_a_call_that_waits_for_room_in_the_inbox_is_told_that_the_daemon_lives()
    {
        using var turn = new HeldTurn(_host.Loop);
        using var near = _pair.Near();
        var call = _host.Services.GetRequiredService<StreamCalls>().RunAsync(_pair.Far);
        await near.WriteAsync(FrameKind.Call, Encoding.UTF8.GetBytes("/queued.v1.TaskService/Connect"));
        var heard = near.WaitAsync(default).AsTask();

        await Eventually.IsTrueAsync(
            () =>
            {
                _time.Advance(BusyCalls.Interval);
                return heard.IsCompleted;
            },
            "the peer hears something");

        // And no message.
        Assert.False(near.TryRead(out _));
        turn.Release();
        near.Dispose();
        await call.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task The_peer_of_a_call_that_waits_for_it_is_told_nothing()
    {
        using var busy = new BusyCalls(_time);
        var reading = SocketPair.ReadAsync(_pair.Far);
        busy.Add(_pair.Far);
        _time.Advance(BusyCalls.Interval);
        _time.Advance(BusyCalls.Interval);
        Assert.Equal(0, _pair.RawNear.Available);

        _pair.RawNear.Send([(byte)FrameKind.End, 0, 0, 0, 0]);
        await reading;
        _time.Advance(BusyCalls.Interval);
        Assert.Equal(5, _pair.RawNear.Available);
        busy.Remove(_pair.Far);
        _time.Advance(BusyCalls.Interval);
        Assert.Equal(5, _pair.RawNear.Available);
    }

    /// <summary>Keeps the loop in a turn, with an inbox that is full.</summary>
    private sealed class HeldTurn : Ask, IDisposable
    {
        private readonly ManualResetEventSlim _begun = new();
        private readonly ManualResetEventSlim _end = new();
        private readonly Task _holding;

        public HeldTurn(BrokerLoop loop)
        {
            _holding = Task.Run(() => loop.Put(id => new Command.GetQueue(id, "no"), this));
            Assert.True(_begun.Wait(Eventually.Deadline));
            loop.Put(id => new Command.GetQueue(id, "no"), new Ignored());
        }

        public void Release() => _end.Set();

        public override void Complete(Response response)
        {
            _begun.Set();
            Assert.True(_end.Wait(Eventually.Deadline));
        }

        public override void Fail(Exception exception) => _begun.Set();

        public void Dispose()
        {
            Release();
            Assert.True(_holding.Wait(Eventually.Deadline));
            _begun.Dispose();
            _end.Dispose();
        }
    }

    private sealed class Ignored : Ask
    {
        public override void Complete(Response response)
        {
            // It only takes up room.
        }

        public override void Fail(Exception exception)
        {
            // As it would with the loop.
        }
    }
}
