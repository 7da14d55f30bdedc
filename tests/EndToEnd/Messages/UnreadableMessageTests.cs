using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Messages;

/// <summary>A message of another type than its reader's costs nothing but itself.</summary>
public sealed class UnreadableMessageTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private static int _queues;

    private readonly string _name = $"mixed-{Interlocked.Increment(ref _queues)}";

    private QueuedClient Client => shared.Daemon.Client;

    private MessageQueue<int> Numbers => Client.Queue<int>(_name);

    private MessageQueue<string> Words => Client.Queue<string>(_name);

    [Fact]
    public async Task A_lone_get_has_its_bytes_in_the_exception()
    {
        await Words.PutAsync("no number");
        await Numbers.PutAsync(1);

        var unreadable = await Assert.ThrowsAsync<UnreadableMessageException>(() => Numbers.GetAsync());

        IsNamed(unreadable, "\"no number\"");
        Assert.Equal(1, await Numbers.GetAsync());
        await IsAsync(queued: 0, dead: 0);
    }

    [Fact]
    public async Task Many_come_up_to_it_and_then_it_is_alone()
    {
        await Numbers.PutManyAsync([1, 2]);
        await Words.PutAsync("no number");
        await Numbers.PutManyAsync([3, 4]);

        Assert.Equal([1, 2], await Numbers.GetManyAsync(10));
        await IsAsync(queued: 3, dead: 0);
        var unreadable = await Assert.ThrowsAsync<UnreadableMessageException>(() => Numbers.GetManyAsync(10));
        IsNamed(unreadable, "\"no number\"");
        await IsAsync(queued: 2, dead: 1);
        Assert.Equal([3, 4], await Numbers.GetManyAsync(10));
        await IsAsync(queued: 0, dead: 1);

        var dead = Assert.Single(await Client.Queues.ListDeadAsync(_name).ToListAsync());
        Assert.Equal(unreadable.MessageId, dead.Id.Value);
        Assert.True(await Numbers.JoinAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task The_others_are_in_their_old_place()
    {
        await Words.PutAsync("no number");
        await Numbers.PutAsync(1);
        await Assert.ThrowsAsync<UnreadableMessageException>(() => Numbers.GetManyAsync(2));

        await using var message = await Numbers.ReceiveAsync();
        Assert.Equal((1, 2), (message.Value, message.DeliveryCount));
    }

    [Fact]
    public async Task What_is_not_interpreted_can_always_be_read()
    {
        await Words.PutAsync("word");
        await Numbers.PutAsync(1);
        var all = await Client.Queue<TaskPayload>(_name).GetManyAsync(10);
        Assert.Equal(["\"word\"", "1"], all.Select(payload => payload.ReadText()));
        Assert.Empty(await Numbers.GetManyAsync(10, TimeSpan.Zero));
    }

    [Fact]
    public async Task It_is_buried_by_a_loop()
    {
        await Words.PutAsync("no number");
        await Assert.ThrowsAsync<UnreadableMessageException>(async () =>
        {
            await foreach (var number in Numbers.ReadAllAsync())
                Assert.Fail($"It is {number}.");
        });

        await Eventually.BecomesAsync(
            () => Client.Queues.GetAsync(_name), info => info.DeadCount == 1, "a dead letter");
    }

    [Fact]
    public async Task It_is_held_where_it_was_received()
    {
        await Words.PutAsync("no number");
        await using (var held = await Numbers.ReceiveAsync())
            IsNamed(Assert.Throws<UnreadableMessageException>(() => held.Value), "\"no number\"");
        var shown = Assert.Single(await Numbers.PeekAsync());
        IsNamed(Assert.Throws<UnreadableMessageException>(() => shown.Value), "\"no number\"");
        Assert.Equal("no number", await Words.GetAsync());
    }

    private void IsNamed(UnreadableMessageException unreadable, string text)
    {
        Assert.Equal(("MESSAGE_UNREADABLE", _name), (unreadable.Reason, unreadable.Resource));
        Assert.Contains($"message {unreadable.MessageId} of the queue '{_name}'", unreadable.Message,
            StringComparison.Ordinal);
        Assert.NotEqual(0UL, unreadable.MessageId);
        Assert.Equal(text, unreadable.Payload.ReadText());
    }

    private async Task IsAsync(int queued, int dead)
    {
        var info = await Client.Queues.GetAsync(_name);
        Assert.Equal((queued, 0, dead), (info.QueuedCount, info.RunningCount, info.DeadCount));
    }
}
