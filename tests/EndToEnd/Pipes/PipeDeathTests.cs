using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Pipes;

/// <summary>The process at the other end of a pipe is killed at the worst moment.</summary>
public sealed class PipeDeathTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private const int MaxMessage = 4 * 1024 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private FaultDaemon Daemon => shared.Daemon;

    [Fact]
    public async Task A_receive_that_waits_gets_the_end_when_the_peer_is_killed()
    {
        await using var end = Daemon.Client.Pipe<byte[]>("killed-silent");
        await using var peer = await PeerProcess.StartAsync(Daemon, "killed-silent", "hold");
        var receive = end.ReceiveAsync().AsTask();
        var poll = end.PollAsync(Timeout.InfiniteTimeSpan).AsTask();
        var wait = Daemon.Client.WaitAnyAsync([WaitTarget.Pipe(end)]);
        Assert.False(await end.PollAsync());

        await peer.KillAsync();

        await Assert.ThrowsAsync<PipeClosedException>(() => receive.WaitAsync(Deadline));
        Assert.True(await poll.WaitAsync(Deadline));
        Assert.Equal([0], await wait.WaitAsync(Deadline));
        await Assert.ThrowsAsync<PipeClosedException>(() => end.ReceiveAsync().AsTask());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_peer_that_is_killed_while_it_sends_large_messages_leaves_whole_ones_and_the_end(int received)
    {
        var name = $"killed-flood-{received}";
        await using var end = Daemon.Client.Pipe<byte[]>(name);
        await using var peer = await PeerProcess.StartAsync(Daemon, name, $"flood:{MaxMessage}");
        for (var number = 0; number < received; number++)
            AssertWhole(number, await end.ReceiveAsync(Deadline));

        await peer.KillAsync();

        var next = received;
        await foreach (var message in end.ReadAllAsync()) AssertWhole(next++, message);
        await Assert.ThrowsAsync<PipeClosedException>(() => end.ReceiveAsync().AsTask());
    }

    [Fact]
    public async Task A_sender_that_waits_for_room_hears_that_the_receiver_was_killed()
    {
        await using var end = Daemon.Client.Pipe<byte[]>("killed-full");
        await using var peer = await PeerProcess.StartAsync(Daemon, "killed-full", "hold");
        var flood = Task.Run(async () =>
        {
            while (true) await end.SendAsync(new byte[64 * 1024]);
        });
        await Eventually.BecomesAsync(
            () => PipeAsync("killed-full"),
            pipe => pipe!.Second.WaitingBytes + pipe.First.WaitingBytes > pipe.BufferBytes - (64 * 1024),
            "a full pipe",
            describe: pipe => $"{pipe}");

        await peer.KillAsync();

        await Assert.ThrowsAsync<PipeClosedException>(() => flood.WaitAsync(Deadline));
        await Assert.ThrowsAsync<PipeClosedException>(() => end.SendAsync([]).AsTask());
    }

    [Fact]
    public async Task A_peer_that_has_closed_its_sending_half_goes_on_receiving()
    {
        await using var end = Daemon.Client.Pipe<byte[]>("half");
        await using var peer = await PeerProcess.StartAsync(Daemon, "half", "send-and-listen:3");
        var sent = new List<byte>();
        await foreach (var message in end.ReadAllAsync()) sent.AddRange(message);
        Assert.Equal([0, 1, 2], sent);

        await end.SendAsync([0xAB]);
        await end.SendAsync([0xCD]);
        await end.CloseAsync();

        Assert.Equal("AB", await peer.ReadLineAsync());
        Assert.Equal("CD", await peer.ReadLineAsync());
        Assert.Equal("end", await peer.ReadLineAsync());
        Assert.Equal(0, await peer.ExitAsync());
        Assert.Null(await PipeAsync("half"));
    }

    private static void AssertWhole(int number, byte[] message)
    {
        Assert.Equal(MaxMessage, message.Length);
        Assert.Equal(-1, message.AsSpan().IndexOfAnyExcept((byte)number));
    }

    private async Task<PipeInfo?> PipeAsync(string name)
    {
        await foreach (var pipe in Daemon.Client.ListPipesAsync())
        {
            if (pipe.Name == name) return pipe;
        }

        return null;
    }
}
