using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Messages;

/// <summary>The SDK's queue against a daemon.</summary>
public sealed class MessageQueueTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);
    private static int _queues;

    private readonly string _name = $"letters-{Interlocked.Increment(ref _queues)}";

    private QueuedClient Client => shared.Daemon.Client;

    [Fact]
    public async Task Values_go_as_json_and_bytes_as_they_are()
    {
        var letters = Client.Queue<Letter>(_name);
        await letters.PutAsync(new Letter("ann", 3));
        Assert.Equal(new Letter("ann", 3), await letters.GetAsync());

        await Client.Queue<byte[]>(_name).PutAsync([1, 2, 3]);
        Assert.Equal([1, 2, 3], (await Client.Queue<ReadOnlyMemory<byte>>(_name).GetAsync()).ToArray());
        await Client.Queue<TaskPayload>(_name).PutAsync(TaskPayload.FromText("plain"));
        await using var message = await Client.Queue<TaskPayload>(_name).ReceiveAsync();
        Assert.Equal(("plain", TaskPayload.TextContentType), (message.Value.ReadText(), message.Payload.ContentType));
    }

    [Fact]
    public async Task Priority_delay_key_and_labels_travel_with_a_message()
    {
        var queue = Client.Queue<string>(_name);
        await queue.PutAsync("late", new PutOptions { Delay = TimeSpan.FromHours(1) });
        await queue.PutAsync("low");
        await queue.PutAsync("high", new PutOptions
        {
            Priority = 5,
            IdempotencyKey = "k",
            Labels = new Dictionary<string, string> { ["to"] = "ann" },
        });
        await queue.PutAsync("high", new PutOptions { IdempotencyKey = "k" });
        await Assert.ThrowsAsync<ConflictException>(
            () => queue.PutAsync("other", new PutOptions { IdempotencyKey = "k" }));

        var all = await queue.PeekAsync(10);
        Assert.Equal(["high", "low"], all.Select(message => message.Value));
        var toAnn = Assert.Single(
            await queue.PeekAsync(10, new Dictionary<string, string> { ["to"] = "ann" }));
        Assert.Equal((5, 0, "ann"), (toAnn.Priority, toAnn.DeliveryCount, toAnn.Labels["to"]));
        Assert.Equal(2, await queue.CountAsync());
        Assert.False(await queue.JoinAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task An_empty_queue_has_nothing_in_time()
    {
        var queue = Client.Queue<int>(_name);
        await Assert.ThrowsAsync<TimeoutException>(() => queue.GetAsync(Soon));
        Assert.Equal(default, await queue.TryGetAsync());
        Assert.Empty(await queue.GetManyAsync(5, Soon));
        Assert.Null(await queue.TryReceiveAsync(Soon));
        await queue.JoinAsync();
    }

    [Fact]
    public async Task A_full_queue_has_no_room_in_time_and_a_put_gets_it_when_there_is()
    {
        var queue = Bounded(2);
        Assert.Equal(2, await queue.PutManyAsync([1, 2, 3], new PutOptions { Timeout = Soon }));
        Assert.False(await queue.TryPutAsync(4));
        var full = await Assert.ThrowsAsync<CapacityExceededException>(
            () => queue.PutAsync(4, new PutOptions { Timeout = Soon }));
        Assert.Equal("QUEUE_FULL", full.Reason);

        // What is under way is called off with the one that gives up, and the others go on in their order.
        using var cancellation = new CancellationTokenSource();
        var givenUp = queue.PutAsync(99, cancellation.Token);
        var puts = Enumerable.Range(5, 3).Select(number => queue.PutAsync(number)).ToList();
        var timedOut = queue.PutAsync(98, new PutOptions { Timeout = Soon });
        puts.Add(queue.PutAsync(8));
        await Assert.ThrowsAsync<CapacityExceededException>(() => timedOut);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        var got = new List<int>();
        while (got.Count < 6)
            got.Add(await queue.GetAsync());
        await Task.WhenAll(puts);

        Assert.Equal([1, 2, 5, 6, 7, 8], got);
        Assert.True(await queue.TryPutAsync(9));
    }

    [Fact]
    public async Task Many_puts_at_once_arrive_each_once_and_in_the_order_of_each_caller()
    {
        var queue = Client.Queue<int[]>(_name);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async caller =>
        {
            for (var number = 0; number < 200; number++)
                await queue.PutAsync([caller, number]);
        }));

        var got = new List<int[]>();
        while (got.Count < 16 * 200)
            got.AddRange(await queue.GetManyAsync(1000));
        Assert.All(got.GroupBy(one => one[0]), caller =>
            Assert.Equal(Enumerable.Range(0, 200), caller.Select(one => one[1])));
    }

    [Fact]
    public async Task A_bad_message_in_a_batch_fails_alone()
    {
        var queue = Client.Queue<int>(_name);
        var puts = Enumerable.Range(0, 20)
            .Select(number => queue.PutAsync(number, new PutOptions { Priority = number == 7 ? 200 : 0 }))
            .ToArray();
        var bad = await Assert.ThrowsAsync<InvalidRequestException>(() => puts[7]);
        Assert.EndsWith(".priority", bad.Field, StringComparison.Ordinal);
        await Task.WhenAll(puts.Where((_, index) => index != 7));

        Assert.Equal(Enumerable.Range(0, 20).Where(number => number != 7), await queue.GetManyAsync(100));
    }

    [Fact]
    public async Task A_message_that_is_held_is_acknowledged_given_back_or_buried()
    {
        var queue = Client.Queue<string>(_name);
        await queue.PutManyAsync(["a", "b"]);
        await using (var first = await queue.ReceiveAsync())
            Assert.Equal(("a", 1), (first.Value, first.DeliveryCount));

        await using (var again = await queue.ReceiveAsync(new ReceiveOptions { Lease = TimeSpan.FromMinutes(1) }))
        {
            Assert.Equal(("a", 2), (again.Value, again.DeliveryCount));
            Assert.NotNull(again.LeaseUntil);
            await again.ExtendAsync(TimeSpan.FromMinutes(2));
            await again.AckAsync();
            await Assert.ThrowsAsync<GrantLostException>(() => again.NackAsync());
        }

        var second = await queue.ReceiveAsync();
        await second.NackAsync(reason: "not yet");
        await (await queue.ReceiveAsync()).BuryAsync("cannot be read");
        var dead = await Client.Queues.ListDeadAsync(_name).SingleAsync();
        Assert.Equal("cannot be read", dead.Failure?.Message);
        await queue.JoinAsync();
    }

    [Fact]
    public async Task A_lease_that_is_purged_away_is_lost()
    {
        var queue = Client.Queue<int>(_name);
        await queue.PutAsync(1);
        var message = await queue.ReceiveAsync();
        await Client.CancelTaskAsync(new TaskId(message.Id));

        await Assert.ThrowsAsync<GrantLostException>(() => message.AckAsync());
    }

    [Fact]
    public async Task Reading_all_hands_out_each_in_order_and_leaves_the_rest_where_it_was()
    {
        var queue = Client.Queue<int>(_name);
        await queue.PutManyAsync(Enumerable.Range(0, 5000));
        var got = new List<int>();
        await foreach (var number in queue.ReadAllAsync())
        {
            got.Add(number);
            if (got.Count == 3210)
                break;
        }

        var rest = await Eventually.BecomesAsync(
            () => Client.Queues.GetAsync(_name), info => info.RunningCount == 0, "everything settled");
        Assert.Equal(5000 - 3210, rest.QueuedCount);
        await Client.Queues.DrainAsync(_name);
        await foreach (var number in queue.ReadAllAsync())
            got.Add(number);
        Assert.Equal(Enumerable.Range(0, 5000), got);
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_takes_no_message()
    {
        var queue = Client.Queue<int>(_name);
        using var cancellation = new CancellationTokenSource();
        var waiting = queue.GetAsync(cancellation.Token);
        await Eventually.BecomesAsync(
            async () => await Client.Queues.ListAsync().FirstOrDefaultAsync(info => info.Name == _name),
            info => info?.WaitingGetters == 1, "a wait");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await queue.PutAsync(1);

        Assert.Equal(1, await queue.GetAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task An_ephemeral_queue_goes_with_the_last_client_that_uses_it()
    {
        var ephemeral = new MessageQueueOptions { Ephemeral = true };
        await using (var other = Connect())
        {
            await using (var one = Connect())
                await one.Queue<int>(_name, ephemeral).PutAsync(1);
            await Eventually.IsAsync(async () => !await IsThereAsync(), "the end of the first one's queue");

            await other.Queue<int>(_name, ephemeral).PutAsync(2);
            await using (var another = Connect())
                Assert.Equal(2, await another.Queue<int>(_name, ephemeral).GetAsync());
            Assert.True(await IsThereAsync());
        }

        await Eventually.IsAsync(async () => !await IsThereAsync(), "the end of the queue");
    }

    [Fact]
    public async Task A_queue_of_tasks_is_none_of_messages()
    {
        await Client.Queues.DeclareAsync(_name, new QueuePolicy { Durability = Durability.Memory });
        var wrong = await Assert.ThrowsAsync<PreconditionFailedException>(() => Client.Queue<int>(_name).PutAsync(1));
        Assert.Equal("WRONG_KIND", wrong.Reason);
    }

    private async Task<bool> IsThereAsync() => await Client.Queues.ListAsync().AnyAsync(info => info.Name == _name);

    private QueuedClient Connect() => new(new QueuedClientOptions { Address = Client.Address });

    private MessageQueue<int> Bounded(int most) => Client.Queue<int>(
        _name, new MessageQueueOptions { Policy = new QueuePolicy { TasksMax = most } });

    private sealed record Letter(string To, int Pages);
}
