using static Queued.Broker.Tests.Limits.CoreDriver;

namespace Queued.Broker.Tests.Limits;

/// <summary>The limit that the disk sets.</summary>
public sealed class StoreSpaceTests
{
    [Fact]
    public void Without_room_on_the_disk_durable_queues_refuse_and_memory_queues_go_on()
    {
        var driver = new CoreDriver(new BrokerLimits());
        driver.Ask(request => new Command.DeclareQueue(
            request, "kept", new QueueSettings { Durability = Durability.Fsync }));
        var before = driver.Submit(Task() with { Queue = "kept" }).Id;

        driver.Tell(new Command.StoreSpaceChanged(IsShort: true));

        var rejection = driver.Submit(Task() with { Queue = "kept" }).Rejection;
        Assert.Equal(RejectionReason.StoreFull, rejection?.Reason);
        Assert.NotNull(rejection?.RetryAfter);
        Assert.Null(driver.Submit(Task()).Rejection);
        driver.Ask(request => new Command.CancelTask(request, before, "", null));
        Assert.Equal(TaskState.Cancelled, driver.Get(before).State);

        driver.Tell(new Command.StoreSpaceChanged(IsShort: false));
        Assert.Null(driver.Submit(Task() with { Queue = "kept" }).Rejection);
    }
}
