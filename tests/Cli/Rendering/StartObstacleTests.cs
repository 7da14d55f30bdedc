using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Tests.Rendering;

public sealed class StartObstacleTests
{
    private static readonly QueueInfo Queue = new()
    {
        Name = "q",
        State = QueueState.Active,
        Policy = new QueuePolicy(),
    };

    private static readonly PoolInfo Pool = new()
    {
        Spec = new PoolSpec { Name = "p", Size = 1 },
        State = PoolState.Active,
        ReadyCount = 1,
    };

    private static readonly WorkerInfo Busy = new()
    {
        Id = "w1",
        Pool = "p",
        State = WorkerState.Busy,
        Queues = ["q"],
    };

    private static readonly WorkerInfo External = Busy with { Pool = "", State = WorkerState.Ready };

    [Fact]
    public void A_paused_queue_comes_first() => Is(
        "queue q is paused. `queuectl queue resume q` ends that.", Queue with { State = QueueState.Paused }, []);

    [Fact]
    public void A_queue_may_run_only_so_many() => Is(
        "queue q runs as many tasks at once as it may (running_max: 2).",
        Queue with { RunningCount = 2, Policy = new QueuePolicy { RunningMax = 2 } },
        [Pool]);

    [Fact]
    public void Nobody_may_serve_it()
    {
        string none = "no pool serves queue q, and no other worker does. `queuectl pool list` has the pools and "
            + "their queues.";
        Is(none, Queue, []);
        Is(none, Queue, [], External with { Queues = ["other"] });
        Is(null, Queue, [], External);
    }

    [Fact]
    public void A_pool_may_have_no_workers_that_start()
    {
        PoolInfo broken = Pool with { State = PoolState.Broken, ReadyCount = 0, LastBootError = "exited\nwith 1." };
        Is("the workers of pool p do not start: exited with 1.", Queue, [broken]);
        Is("the workers of pool p do not start: exited with 1.", Queue, [broken with { State = PoolState.Active }]);
        Is("the workers of pool p are not ready yet.", Queue, [Pool with { ReadyCount = 0, StartingCount = 1 }]);
        Is("pool p is being deleted.", Queue, [Pool with { State = PoolState.Stopping }]);
        Is(
            "pool p has size 0 (`queuectl pool scale p N` gives it workers).",
            Queue,
            [Pool with { Spec = Pool.Spec with { Size = 0 } }]);
        Is(null, Queue, [broken, Pool]);
        Is(null, Queue, [broken], External);
    }

    [Fact]
    public void All_workers_may_be_busy()
    {
        Is("all workers of queue q are busy.", Queue, [Pool], Busy);
        Is(null, Queue, [Pool], Busy, Busy with { State = WorkerState.Ready });
        PoolInfo commands = Pool with { Spec = Pool.Spec with { Exec = true, Size = 2 }, BusyCount = 1 };
        Is(null, Queue, [commands], Busy);
        Is("all workers of queue q are busy.", Queue, [commands with { BusyCount = 2 }], Busy);
        Is(null, Queue, [commands with { BusyCount = 0, ReadyCount = 0 }]);
    }

    private static void Is(string? expected, QueueInfo queue, PoolInfo[] pools, params WorkerInfo[] workers) =>
        Assert.Equal(expected, StartObstacle.Of(queue, pools, workers));
}
