using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Messages;

/// <summary>Queues that last as long as somebody uses them.</summary>
public sealed class EphemeralQueueTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private static readonly MessageQueueOptions Ephemeral = new() { Ephemeral = true };
    private static int _queues;

    private readonly string _name = $"scratch-{Interlocked.Increment(ref _queues)}";

    private QueuedClient Client => shared.Daemon.Client;

    [Fact]
    public async Task A_client_that_uses_one_after_the_other_leaves_none()
    {
        await using var daemon = await FaultDaemon.StartAsync(null, "--set", "limits.queues_max=20");
        for (var number = 0; number < 10_000; number++)
        {
            await using var queue = daemon.Client.Queue<int>($"scratch-{number}", Ephemeral);
            await queue.PutAsync(number);
        }

        Assert.DoesNotContain(
            await daemon.Client.Queues.ListAsync().ToListAsync(),
            queue => queue.Name.StartsWith("scratch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_goes_with_the_last_handle_of_the_last_client()
    {
        await using var other = new QueuedClient(new QueuedClientOptions { Address = Client.Address });
        var first = Client.Queue<int>(_name, Ephemeral);
        var second = Client.Queue<int>(_name, Ephemeral);
        var third = other.Queue<int>(_name, Ephemeral);
        await first.PutAsync(1);
        await second.PutAsync(2);
        await third.PutAsync(3);

        await first.DisposeAsync();
        await third.DisposeAsync();
        Assert.Equal(3, await second.CountAsync());
        await second.DisposeAsync();
        Assert.DoesNotContain(await Client.Queues.ListAsync().ToListAsync(), queue => queue.Name == _name);
    }

    [Fact]
    public async Task Who_leaves_gives_back_what_it_holds_and_waits_for_nothing()
    {
        await using var other = new QueuedClient(new QueuedClientOptions { Address = Client.Address });
        await using var kept = other.Queue<int>(_name, Ephemeral);
        await kept.PutAsync(1);
        var left = Client.Queue<int>(_name, Ephemeral);
        var message = await left.ReceiveAsync();
        var waiting = left.GetAsync();
        await Eventually.BecomesAsync(
            async () => await Client.Queues.ListAsync().FirstOrDefaultAsync(info => info.Name == _name),
            info => info?.WaitingGetters == 1, "a wait");

        await left.DisposeAsync();

        await Assert.ThrowsAsync<WaitCancelledException>(() => waiting);
        await Assert.ThrowsAsync<GrantLostException>(() => message.AckAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left.PutAsync(2));
        Assert.Equal(1, await kept.GetAsync());
    }

    [Fact]
    public async Task Other_queues_and_what_was_never_used_stay_as_they_are()
    {
        await using (var unused = Client.Queue<int>(_name, Ephemeral))
        {
        }

        Assert.DoesNotContain(await Client.Queues.ListAsync().ToListAsync(), queue => queue.Name == _name);
        await using (var lasting = Client.Queue<int>(_name))
        {
            await lasting.PutAsync(1);
            await lasting.DisposeAsync();
        }

        Assert.Equal(1, await Client.Queue<int>(_name).GetAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task A_queue_that_was_deleted_or_whose_session_is_lost_is_left_without_a_word()
    {
        var queue = Client.Queue<int>(_name, Ephemeral);
        Assert.Equal(0, await queue.CountAsync());
        await Client.Queues.DeleteAsync(_name);
        await queue.DisposeAsync();

        var gone = new QueuedClient(new QueuedClientOptions { Address = Client.Address });
        var late = gone.Queue<int>(_name, Ephemeral);
        await late.PutAsync(1);
        await gone.DisposeAsync();
        await late.DisposeAsync();
    }
}
