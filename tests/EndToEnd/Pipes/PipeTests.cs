using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Pipes;

/// <summary>Two clients, and two processes, talk over pipes of a real daemon.</summary>
public sealed class PipeTests(SharedDaemon shared) : IClassFixture<SharedDaemon>, IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private QueuedClient _other = null!;

    private FaultDaemon Daemon => shared.Daemon;

    private QueuedClient Client => shared.Daemon.Client;

    public Task InitializeAsync()
    {
        _other = new QueuedClient(new QueuedClientOptions { Address = $"unix:{Daemon.Socket}" });
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _other.DisposeAsync();

    [Fact]
    public async Task Another_process_answers_every_message()
    {
        await using var end = Client.Pipe<byte[]>("echo");
        await using var peer = await PeerProcess.StartAsync(Daemon, "echo", "echo");
        for (var length = 0; length < 3_000_000; length = (length * 3) + 1)
        {
            var message = new byte[length];
            Random.Shared.NextBytes(message);
            await end.SendAsync(message);
            Assert.Equal(message, await end.ReceiveAsync(Deadline));
        }

        await end.CloseAsync();
        Assert.Equal(0, await peer.ExitAsync());
    }

    [Fact]
    public async Task More_receives_wait_than_a_session_has_credits_and_every_end_is_used_and_closed()
    {
        // Each keeps four receives at the daemon.
        const int count = 2200;
        await using var receiver = new QueuedClient(new QueuedClientOptions { Address = $"unix:{Daemon.Socket}" });
        var ends = Enumerable.Range(0, count).Select(number => receiver.Pipe<int>($"crowd-{number}")).ToArray();
        await Task.WhenAll(ends.Select(end => end.OpenAsync().AsTask())).WaitAsync(Deadline);

        await using var last = _other.Pipe<int>($"crowd-{count - 1}");
        await last.SendAsync(7);

        Assert.Equal(7, await ends[^1].ReceiveAsync(Deadline));
        await Task.WhenAll(ends.Select(end => end.CloseAsync().AsTask())).WaitAsync(Deadline);
        await Assert.ThrowsAsync<PipeClosedException>(() => last.ReceiveAsync(Deadline).AsTask());
    }

    [Fact]
    public async Task Values_go_both_ways_in_their_order_and_the_end_comes_last()
    {
        await using var one = Client.Pipe<int>("values");
        await using var two = _other.Pipe<int>("values");
        await one.OpenAsync();
        await two.OpenAsync();
        Assert.Equal((PipeSide.First, PipeSide.Second), (one.Side, two.Side));
        for (var number = 0; number < 5000; number++) await one.SendAsync(number);
        await two.SendAsync(-1);
        await one.CloseSendingAsync();

        var received = new List<int>();
        await foreach (var number in two.ReadAllAsync()) received.Add(number);

        Assert.Equal(Enumerable.Range(0, 5000), received);
        Assert.Equal(-1, await one.ReceiveAsync(Deadline));
        await Assert.ThrowsAsync<PipeClosedException>(() => two.ReceiveAsync().AsTask());
        await Assert.ThrowsAsync<PipeClosedException>(() => one.SendAsync(0).AsTask());
    }

    [Fact]
    public async Task More_than_the_pipe_holds_arrives_when_it_is_received()
    {
        await using var sender = Client.Pipe<byte[]>("full", PipeSide.Second, PipeMode.OneWay, bufferBytes: 1000);
        await using var receiver = _other.Pipe<byte[]>("full", PipeSide.First, PipeMode.OneWay);
        // Whoever comes first says how much it holds.
        await sender.OpenAsync();
        var sending = Task.Run(async () =>
        {
            for (var length = 0; length < 3000; length++) await sender.SendAsync(new byte[length]);
            await sender.CloseAsync();
        });

        var lengths = new List<int>();
        await foreach (var message in receiver.ReadAllAsync()) lengths.Add(message.Length);

        await sending.WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(0, 3000), lengths);
    }

    [Fact]
    public async Task An_end_of_a_one_way_pipe_does_one_thing_alone()
    {
        await using var sender = Client.Pipe<int>("one-way", PipeSide.Second, PipeMode.OneWay);
        await using var receiver = _other.Pipe<int>("one-way", PipeSide.First, PipeMode.OneWay);
        await Assert.ThrowsAsync<PipeClosedException>(() => sender.ReceiveAsync().AsTask());
        await Assert.ThrowsAsync<PipeClosedException>(() => receiver.SendAsync(1).AsTask());
        await Assert.ThrowsAsync<PipeClosedException>(() => Client.WaitAnyAsync([WaitTarget.Pipe(sender)]));
        await sender.SendAsync(1);
        Assert.Equal(1, await receiver.ReceiveAsync(Deadline));
    }

    [Fact]
    public async Task Nobody_else_takes_an_end_and_what_was_closed_takes_nothing()
    {
        await using var one = Client.Pipe<int>("taken");
        await using var two = _other.Pipe<int>("taken");
        await one.OpenAsync();
        await two.OpenAsync();
        await using var three = _other.Pipe<int>("taken");
        await Assert.ThrowsAsync<PreconditionFailedException>(() => three.OpenAsync().AsTask());
        await using var other = _other.Pipe<int>("taken", mode: PipeMode.OneWay);
        await Assert.ThrowsAsync<ConflictException>(() => other.OpenAsync().AsTask());

        var waiting = one.ReceiveAsync().AsTask();
        await one.CloseAsync();

        await Assert.ThrowsAsync<PipeClosedException>(() => waiting.WaitAsync(Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => one.SendAsync(1).AsTask());
        await two.CloseAsync();
        await three.OpenAsync();
        Assert.Equal(PipeSide.First, three.Side);
    }

    [Fact]
    public async Task A_receive_that_is_given_up_takes_nothing()
    {
        await using var one = Client.Pipe<int>("given-up");
        await using var two = _other.Pipe<int>("given-up");
        await one.OpenAsync();
        using var giveUp = new CancellationTokenSource();
        var receive = one.ReceiveAsync(cancellationToken: giveUp.Token).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receive.WaitAsync(Deadline));
        await Assert.ThrowsAsync<TimeoutException>(() => one.ReceiveAsync(TimeSpan.Zero).AsTask());
        Assert.False(await one.PollAsync());
        Assert.False(one.TryReceive(out _));

        await two.SendAsync(7);

        Assert.True(await one.PollAsync(Deadline));
        Assert.True(one.TryReceive(out var message));
        Assert.Equal(7, message);
    }

    [Fact]
    public async Task The_first_of_several_things_ends_a_wait_for_any()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        await using var one = Client.Pipe<int>("any-1");
        await using var two = Client.Pipe<int>("any-2");
        await using var peer = _other.Pipe<int>("any-2");
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("hold", gate.Path);
        WaitTarget[] all = [WaitTarget.Pipe(one), WaitTarget.Task(task.Id), WaitTarget.Pipe(two)];
        Assert.Empty(await Client.WaitAnyAsync(all, TimeSpan.Zero));

        var wait = Client.WaitAnyAsync(all);
        await peer.SendAsync(1);
        Assert.Equal([2], await wait.WaitAsync(Deadline));

        Assert.Equal(1, await two.ReceiveAsync(Deadline));
        wait = Client.WaitAnyAsync(all);
        await gate.ArrivedAsync();
        gate.Open();
        Assert.Equal([1], await wait.WaitAsync(Deadline));
        await peer.CloseAsync();
        Assert.True(await two.PollAsync(Deadline));
        Assert.Equal([1, 2], await Client.WaitAnyAsync(all));
    }

    [Fact]
    public async Task A_thousand_pipes_carry_messages_at_once()
    {
        var ends = Enumerable.Range(0, 1000).Select(number => Client.Pipe<int>($"many-{number}")).ToArray();
        var peers = Enumerable.Range(0, 1000).Select(number => _other.Pipe<int>($"many-{number}")).ToArray();
        await Task.WhenAll(ends.Select(end => end.OpenAsync().AsTask()));
        var echoes = peers.Select(async peer =>
        {
            await foreach (var number in peer.ReadAllAsync()) await peer.SendAsync(number * 2);
        }).ToArray();

        await Task.WhenAll(ends.Select(async (end, place) =>
        {
            for (var round = 0; round < 20; round++)
            {
                await end.SendAsync((place * 100) + round);
                Assert.Equal(((place * 100) + round) * 2, await end.ReceiveAsync(Deadline));
            }

            await end.CloseAsync();
        }));

        await Task.WhenAll(echoes).WaitAsync(Deadline);
        foreach (var peer in peers) await peer.CloseAsync();
    }
}
