using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Messages;

/// <summary>Durable queues of a daemon that is killed.</summary>
public sealed class DurableQueueTests
{
    [Theory]
    [InlineData(QueueOrder.Fifo)]
    [InlineData(QueueOrder.Lifo)]
    public async Task Every_message_that_was_put_is_there_in_its_order_after_the_daemon_was_killed(QueueOrder order)
    {
        using var folder = new TestFolder();
        int[] acknowledged;
        await using (var killed = await FaultDaemon.StartAsync(folder))
        {
            var queue = killed.Client.Queue<int>("letters", Durable(order));
            await queue.PutManyAsync(Enumerable.Range(0, 1000));
            // Puts are under way at the moment of the kill.
            var puts = Enumerable.Range(1000, 500).Select(number => queue.PutAsync(number)).ToArray();
            await puts[200];
            await killed.KillAsync();
            await Task.WhenAll(puts).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            acknowledged = [.. Enumerable.Range(0, 1000 + puts.Count(put => put.IsCompletedSuccessfully))];
        }

        await using var daemon = await FaultDaemon.StartAsync(folder);
        var after = daemon.Client.Queue<int>("letters", Durable(order));
        var got = new List<int>();
        while (await after.GetManyAsync(10_000, TimeSpan.Zero) is { Count: > 0 } some)
            got.AddRange(some);

        if (order == QueueOrder.Lifo)
            got.Reverse();
        Assert.True(
            got.Count >= acknowledged.Length, $"{acknowledged.Length} were acknowledged, {got.Count} are there.");
        Assert.Equal(Enumerable.Range(0, got.Count), got);
    }

    [Fact]
    public async Task What_was_held_comes_back_with_its_delivery_counted_and_what_was_acknowledged_does_not()
    {
        using var folder = new TestFolder();
        await using (var killed = await FaultDaemon.StartAsync(folder))
        {
            var queue = killed.Client.Queue<string>("letters", Durable(QueueOrder.Fifo));
            await queue.PutManyAsync(["a", "b", "c"]);
            var first = await queue.ReceiveAsync();
            await queue.ReceiveAsync();
            await first.AckAsync();
            await killed.KillAsync();
            var lost = await Assert.ThrowsAnyAsync<QueuedException>(() => queue.ReceiveAsync());
            Assert.True(lost is SessionLostException or DaemonUnavailableException, lost.ToString());
        }

        await using var daemon = await FaultDaemon.StartAsync(folder);
        var after = daemon.Client.Queue<string>("letters", Durable(QueueOrder.Fifo));
        await using var again = await after.ReceiveAsync();
        Assert.Equal(("b", 2), (again.Value, again.DeliveryCount));
        Assert.Equal("c", await after.GetAsync(TimeSpan.Zero));
        Assert.False((await after.TryGetAsync()).HasValue);
    }

    private static MessageQueueOptions Durable(QueueOrder order) => new()
    {
        Policy = new QueuePolicy { Durability = Durability.Fsync, Order = order },
    };
}
