using Queued.Broker.Tests.Limits;

namespace Queued.Broker.Tests.Dispatch;

/// <summary>What waits for a handler that nobody with room offers costs the turns of others next to nothing.</summary>
public sealed class AsideTests
{
    private const int Crowd = 200;

    [Fact]
    public void Turn_of_one_worker_looks_at_no_other_for_what_waits_aside()
    {
        var driver = new CoreDriver(new BrokerLimits());
        driver.Ask(request => new Command.CreatePool(request, CoreDriver.Pool(size: Crowd + 1)));
        var places = driver.Effects.OfType<Effect.StartWorker>().Select(start => start.Worker).ToArray();
        foreach (var place in places[..Crowd]) Connect(driver, place, "other");
        Connect(driver, places[Crowd], "rare");
        var tasks = driver.Submit(Enumerable.Repeat(CoreDriver.Task("rare"), 10).ToArray());
        Assert.Equal(TaskState.Running, driver.Get(tasks[0].Id).State);

        var before = driver.AsideLooks;
        foreach (var place in places[..Crowd]) driver.Tell(new Command.WorkerReport(place));
        Assert.InRange(driver.AsideLooks - before, 0, Crowd);

        foreach (var task in tasks)
        {
            before = driver.AsideLooks;
            driver.Settle(places[Crowd], new Settlement.Succeeded(new AttemptId(task.Id, 1), TaskPayload.Empty));
            Assert.Equal(TaskState.Succeeded, driver.Get(task.Id).State);
            Assert.InRange(driver.AsideLooks - before, 0, 2);
        }
    }

    [Fact]
    public void Room_that_one_task_leaves_unused_is_given_to_the_next_that_waits_aside()
    {
        var driver = new CoreDriver(new BrokerLimits());
        Connect(driver, null, "other");
        var worker = Connect(driver, null, "rare");
        var tasks = driver.Submit(Enumerable.Repeat(CoreDriver.Task("rare"), 3).ToArray());
        driver.Ask(request => new Command.PauseQueue(request, "default"));
        driver.Settle(worker, new Settlement.Succeeded(new AttemptId(tasks[0].Id, 1), TaskPayload.Empty));
        driver.Ask(request => new Command.CancelTask(request, tasks[1].Id, "", null));
        driver.Ask(request => new Command.ResumeQueue(request, "default"));
        Assert.Equal(TaskState.Running, driver.Get(tasks[2].Id).State);
    }

    private static WorkerId Connect(CoreDriver driver, WorkerId? place, string handler)
    {
        var hello = new WorkerHello { Queues = place is null ? ["default"] : [], Handlers = [handler] };
        var welcomed = Assert.IsType<Response.Welcomed>(
            driver.Ask(request => new Command.ConnectWorker(request, place, hello)));
        driver.Tell(new Command.WorkerReport(welcomed.Worker) { Credits = 1 });
        return welcomed.Worker;
    }
}
