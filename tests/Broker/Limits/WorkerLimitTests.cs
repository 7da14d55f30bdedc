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

    public static TheoryData<string, string, string[], string, string> Launches() => new()
    {
        { nameof(BrokerLimits.ArgumentsMax), "command", ["w", "1", "2", "3"], "A", "b" },
        { nameof(BrokerLimits.ArgumentBytesMax), "command[1]", ["w", "123456789"], "A", "b" },
        { nameof(BrokerLimits.ArgumentBytesMax), "command[1]", ["w", "ééééé"], "A", "b" },
        { nameof(BrokerLimits.ArgumentBytesMax), "env[A]", ["w"], "A", "1234567" },
        { nameof(BrokerLimits.CommandBytesMax), "command", ["w", "12345678", "12345678"], "A", "12" },
        { "", "command[0]", [""], "A", "b" },
        { "", "command[1]", ["w", "a\0b"], "A", "b" },
        { "", "env", ["w"], "", "b" },
        { "", "env", ["w"], "A=B", "b" },
        { "", "env", ["w"], "A\0B", "b" },
        { "", "env[A]", ["w"], "A", "a\0b" },
    };

    [Theory]
    [MemberData(nameof(Launches))]
    public void What_no_process_can_be_started_with_is_refused_with_its_field_and_limit(
        string limit, string field, string[] command, string name, string value)
    {
        var limits = new BrokerLimits
        {
            ArgumentsMax = 3,
            VariablesMax = 1,
            ArgumentBytesMax = 8,
            CommandBytesMax = 23,
        };
        var driver = new CoreDriver(limits);
        var fine = Pool() with { Command = ["w", "12345678", ""], Environment = Variables(("A", "123456")) };
        Assert.Null(driver.Refusal(request => new Command.CreatePool(request, fine)));
        var pool = Pool("q") with { Command = command, Environment = Variables((name, value)) };
        var rejection = driver.Refusal(request => new Command.CreatePool(request, pool));
        Assert.Equal(RejectionReason.InvalidRequest, rejection?.Reason);
        Assert.Equal(field, rejection?.Field);
        if (limit.Length == 0) return;
        Assert.Contains($" {typeof(BrokerLimits).GetProperty(limit)!.GetValue(limits)} ", rejection?.Message);
    }

    [Fact]
    public void Variables_of_a_pool_are_limited_and_its_directory_is_a_path()
    {
        var driver = new CoreDriver(new BrokerLimits { VariablesMax = 1 });
        var two = Pool() with { Environment = Variables(("A", "1"), ("B", "2")) };
        LimitNames.AssertField("env", driver.Refusal(request => new Command.CreatePool(request, two)));
        LimitNames.AssertField("cwd", driver.Refusal(request =>
            new Command.CreatePool(request, Pool() with { WorkingDirectory = "/a\0b" })));
    }

    private static Dictionary<string, string> Variables(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => variable.Value);

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
