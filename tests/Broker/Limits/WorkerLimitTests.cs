using static Queued.Broker.Tests.Limits.CoreDriver;

namespace Queued.Broker.Tests.Limits;

/// <summary>The limits on pools and workers.</summary>
public sealed class WorkerLimitTests
{
    [Fact]
    public void Pools_are_limited()
    {
        var driver = new CoreDriver(new BrokerLimits { PoolsMax = 1 });
        Assert.Null(driver.Refusal(request => new Command.CreatePool(request, Pool("a"))));
        LimitNames.AssertNames(
            nameof(BrokerLimits.PoolsMax), driver.Refusal(request => new Command.CreatePool(request, Pool("b"))));
    }

    [Fact]
    public void Size_and_slots_of_a_pool_are_limited()
    {
        var driver = new CoreDriver(new BrokerLimits { PoolSizeMax = 2, SlotsMax = 2 });
        LimitNames.AssertField("size", driver.Refusal(request => new Command.CreatePool(request, Pool(size: 3))));
        LimitNames.AssertField(
            "slots", driver.Refusal(request => new Command.CreatePool(request, Pool() with { Slots = 3 })));
        Assert.Null(driver.Refusal(request => new Command.CreatePool(request, Pool(size: 2) with { Slots = 2 })));
        LimitNames.AssertField("size", driver.Refusal(request => new Command.ScalePool(request, "p", 3)));
        LimitNames.AssertField("size", driver.Refusal(request => new Command.ScalePool(request, "p", -1)));
    }

    [Fact]
    public void Queues_of_a_worker_are_limited()
    {
        var driver = new CoreDriver(new BrokerLimits { QueuesPerWorkerMax = 1 });
        string[] queues = ["a", "b"];
        LimitNames.AssertField(
            "queues", driver.Refusal(request => new Command.CreatePool(request, Pool() with { Queues = queues })));
        LimitNames.AssertField(
            "queues", driver.Refusal(request =>
                new Command.ConnectWorker(request, null, new WorkerHello { Queues = queues })));
    }

    [Fact]
    public void Handlers_and_slots_of_a_hello_are_limited()
    {
        var driver = new CoreDriver(new BrokerLimits { HandlersPerWorkerMax = 1, SlotsMax = 2 });
        LimitNames.AssertField("handlers", driver.Refusal(request => new Command.ConnectWorker(
            request, null, new WorkerHello { Queues = ["default"], Handlers = ["a", "b"] })));
        LimitNames.AssertField("slots", driver.Refusal(request => new Command.ConnectWorker(
            request, null, new WorkerHello { Queues = ["default"], Slots = 3 })));
    }

    [Fact]
    public void Workers_are_limited_over_all_pools()
    {
        var driver = new CoreDriver(new BrokerLimits { WorkersMax = 2 });
        driver.ConnectExternal();
        driver.ConnectExternal();
        LimitNames.AssertNames(nameof(BrokerLimits.WorkersMax), driver.Refusal(request =>
            new Command.ConnectWorker(request, null, new WorkerHello { Queues = ["default"] })));
        LimitNames.AssertNames(
            nameof(BrokerLimits.WorkersMax), driver.Refusal(request => new Command.CreatePool(request, Pool())));
    }

    [Fact]
    public void Last_words_of_a_process_are_cut_at_their_limit()
    {
        var driver = new CoreDriver(new BrokerLimits { OutputTailLengthMax = 5 });
        driver.Ask(
            request => new Command.CreatePool(request, Pool() with { Exec = true, Command = [], Queues = ["exec"] }));
        var task = driver.Submit(Task("exec")).Id;
        var worker = driver.Effects.OfType<Effect.StartExec>().Single().Worker;
        driver.Tell(new Command.WorkerExited(worker, new ProcessExit(1, null, false, 0, default, "1234567")));
        Assert.Equal(5, driver.Get(task).Failure!.OutputTail.Length);
    }

    [Fact]
    public void Credits_past_their_limit_are_not_counted()
    {
        var driver = new CoreDriver(new BrokerLimits { CreditsMax = 2 });
        driver.ConnectExternal(slots: 1, credits: 1000);
        driver.Submit(Enumerable.Repeat(Task(), 10).ToArray());
        Assert.InRange(driver.Effects.OfType<Effect.Assign>().Count(), 1, 3);
    }
}
