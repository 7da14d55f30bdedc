using Microsoft.Extensions.Time.Testing;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Acks that nobody waits for. The clock stands still, so their time does not come by itself.</summary>
public sealed class LateAckTests : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(20);

    private readonly FakeTimeProvider _time = new();
    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync(
        new BrokerLoopOptions { Limits = BrokerHost.SmallLimits }, _time);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_ack_that_may_wait_comes_with_the_outcome()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        using var client = await TestClient.ConnectAsync(_host);
        await client.SendAsync(Request(Batch(7)));
        await worker.SettleAsync(await worker.TakeAsync(), "out");
        var message = await client.ReadAsync();

        Assert.Equal([7UL], message.AcceptedTags);
        Assert.Equal([7UL], Assert.Single(message.Successes).Tags);
    }

    [Fact]
    public async Task An_ack_that_may_wait_comes_alone_when_it_has_waited_long_enough()
    {
        using var client = await TestClient.ConnectAsync(_host);
        // Once more, since one timer goes on for many.
        for (var tag = 1UL; tag <= 2; tag++)
        {
            var reading = client.ReadAsync();
            await client.SendAsync(Request(Batch(tag)));
            await QueuedAsync((int)tag);
            Assert.False(reading.IsCompleted);
            _time.Advance(LongestWait);

            Assert.Equal([tag], (await reading).AcceptedTags);
        }
    }

    [Fact]
    public async Task An_ack_that_may_wait_comes_with_the_next_one_that_may_not()
    {
        using var client = await TestClient.ConnectAsync(_host);
        await client.SendAsync(Request(Batch(1)));
        await client.SubmitAsync(TestClient.Submission(2));

        Assert.Equal(1UL, (await client.AckAsync()).Tag);
        Assert.Equal(2UL, (await client.AckAsync()).Tag);
    }

    [Fact]
    public async Task A_refusal_does_not_wait()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var batch = Batch(1);
        batch.Task.Handler = "no spaces";
        await client.SendAsync(Request(batch));

        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "task.handler");
    }

    [Fact]
    public async Task The_acks_of_several_tasks_do_not_wait()
    {
        using var client = await TestClient.ConnectAsync(_host);
        await client.SendAsync(Request(Batch(1), Batch(2)));

        Assert.Equal(1UL, (await client.AckAsync()).Tag);
        Assert.Equal(2UL, (await client.AckAsync()).Tag);
    }

    [Fact]
    public async Task An_ack_that_may_not_wait_does_not_where_a_batch_without_tasks_may()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var none = Batch(1);
        none.Tags.Clear();
        await client.SendAsync(Request(none, TestClient.Submission(2).ToBatch()));

        Assert.Equal(2UL, (await client.AckAsync().WaitAsync(Eventually.Deadline)).Tag);
    }

    // The queue is made with the first of them.
    private async Task QueuedAsync(int count) => await Eventually.IsTrueAsync(
        async () => (await _host.Queues.ListQueuesAsync(new ListQueuesRequest())).Queues
            .Any(queue => queue.QueuedCount == (ulong)count),
        () => $"{count} tasks wait");

    private static ConnectRequest Request(params SubmissionBatch[] batches) => new() { Submissions = { batches } };

    private static SubmissionBatch Batch(ulong tag)
    {
        var batch = TestClient.Submission(tag).ToBatch();
        batch.AckMayWait = true;
        return batch;
    }
}
