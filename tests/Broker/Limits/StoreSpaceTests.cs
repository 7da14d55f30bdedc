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

    [Fact]
    public void While_the_store_is_stuck_nothing_durable_changes_by_a_wish_and_what_runs_ends()
    {
        var driver = new CoreDriver(new BrokerLimits());
        Declare("kept", Durability.Fsync);
        var kept = driver.Submit([.. Enumerable.Repeat(Task() with { Queue = "kept" }, 3)])
            .Select(result => result.Id).ToArray();
        var worker = driver.ConnectExternal(slots: 1, credits: 1, "kept", "default");

        driver.Tell(new Command.StoreSpaceChanged(IsShort: true));
        driver.Tell(new Command.StoreStuckChanged(IsStuck: true));

        foreach (var wish in (Func<RequestId, Command>[])
        [
            request => new Command.CancelTask(request, kept[1], "", null),
            request => new Command.RetryTask(request, kept[1]),
            request => new Command.DeclareQueue(
                request, "other", new QueueSettings { Durability = Durability.Async }),
            request => new Command.DeclareQueue(request, "kept", new QueueSettings()),
            request => new Command.PauseQueue(request, "kept"),
            request => new Command.ResumeQueue(request, "kept"),
            request => new Command.DrainQueue(request, "kept"),
            request => new Command.PurgeQueue(request, "kept"),
            request => new Command.DeleteQueue(request, "kept"),
            request => new Command.RequeueDead(request, "kept", []),
            request => new Command.CreatePool(request, new PoolSettings { Name = "p", Command = ["true"] }),
        ])
        {
            Assert.Equal(RejectionReason.StoreFull, driver.Refusal(wish)?.Reason);
            Assert.DoesNotContain(driver.Effects, effect => effect is Effect.Persist);
        }

        Assert.Equal(RejectionReason.StoreFull, driver.Submit(Task() with { Queue = "kept" }).Rejection?.Reason);
        Assert.Equal(TaskState.Running, driver.Get(kept[0]).State);
        driver.Settle(worker, new Settlement.Succeeded(new AttemptId(kept[0], 1), TaskPayload.Empty));
        Assert.Equal(TaskState.Succeeded, driver.Get(kept[0]).State);
        Assert.Equal(TaskState.Queued, driver.Get(kept[1]).State);
        var light = driver.Submit(Task()).Id;
        Assert.Equal(TaskState.Running, driver.Get(light).State);
        driver.Settle(worker, new Settlement.Succeeded(new AttemptId(light, 1), TaskPayload.Empty));

        driver.Tell(new Command.StoreStuckChanged(IsStuck: false));
        Assert.Equal(TaskState.Running, driver.Get(kept[1]).State);
        driver.Ask(request => new Command.CancelTask(request, kept[2], "", null));
        Assert.Equal(TaskState.Cancelled, driver.Get(kept[2]).State);

        void Declare(string name, Durability durability) => driver.Ask(request => new Command.DeclareQueue(
            request, name, new QueueSettings { Durability = durability }));
    }
}
