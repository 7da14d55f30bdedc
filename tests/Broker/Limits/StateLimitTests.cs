namespace Queued.Broker.Tests.Limits;

/// <summary>The limits on shared state.</summary>
public sealed class StateLimitTests
{
    private static readonly SessionId Session = new(1);

    [Fact]
    public void Objects_are_limited_until_one_goes()
    {
        var driver = Driver(new BrokerLimits { StatesMax = 2 });
        Assert.Null(Use(driver, "a", StateKind.Lock));
        Assert.Null(Use(driver, "b", StateKind.Value));
        LimitNames.AssertNames(nameof(BrokerLimits.StatesMax), Use(driver, "c", StateKind.Lock));
        Assert.Null(Use(driver, "b", StateKind.Value));
        driver.Ask(request => new Command.LeaveState(request, Session, "a"));
        Assert.Null(Use(driver, "c", StateKind.Lock));
    }

    [Fact]
    public void Operations_that_wait_for_one_object_are_limited()
    {
        var driver = Driver(new BrokerLimits { StateWaitsMax = 2 });
        foreach (var kind in new[] { StateKind.Lock, StateKind.Event, StateKind.Barrier, StateKind.Condition })
        {
            var name = kind.ToString();
            Use(driver, name, new StateSettings { Kind = kind, Parties = kind == StateKind.Barrier ? 9 : 0 });
            if (kind is StateKind.Lock or StateKind.Condition) Acquire(driver, name, TimeSpan.Zero);
            driver.Tell(Wait(default, kind));
            driver.Tell(Wait(default, kind));
            LimitNames.AssertNames(nameof(BrokerLimits.StateWaitsMax), driver.Refusal(id => Wait(id, kind)));
        }
    }

    [Fact]
    public void A_wait_for_an_event_and_others_counts_among_those_that_wait_for_it()
    {
        var driver = Driver(new BrokerLimits { StateWaitsMax = 1 });
        Use(driver, "e", StateKind.Event);
        driver.Tell(Any(new RequestId(100), TimeSpan.FromMinutes(1)));
        foreach (var refusal in new[]
        {
            driver.Refusal(id => Any(id, TimeSpan.FromMinutes(1))),
            driver.Refusal(id => new Command.WaitEvent(id, Session, "e", TimeSpan.FromMinutes(1))),
        })
        {
            LimitNames.AssertNames(nameof(BrokerLimits.StateWaitsMax), refusal);
        }

        Assert.Null(driver.Refusal(id => new Command.SetEvent(id, Session, "e", Clear: false)));
        Assert.Null(driver.Refusal(id => Any(id, TimeSpan.FromMinutes(1))));

        static Command Any(RequestId request, TimeSpan wait) =>
            new Command.WaitAny(request, Session, [new WaitTarget.Event("e")], wait);
    }

    [Fact]
    public void A_sleeper_of_a_condition_counts_as_well_as_one_in_line()
    {
        var driver = Driver(new BrokerLimits { StateWaitsMax = 1 });
        Use(driver, "c", StateKind.Condition);
        Acquire(driver, "c", TimeSpan.Zero);
        driver.Tell(new Command.WaitCondition(default, Session, "c", TimeSpan.FromMinutes(1), 0));
        Acquire(driver, "c", TimeSpan.Zero);
        LimitNames.AssertNames(
            nameof(BrokerLimits.StateWaitsMax),
            driver.Refusal(id => new Command.WaitCondition(id, Session, "c", TimeSpan.FromMinutes(1), 0)));
    }

    [Fact]
    public void Bytes_of_one_value_or_entry_are_limited()
    {
        var driver = Driver(new BrokerLimits { StateValueBytesMax = 10 });
        Use(driver, "v", StateKind.Value);
        Use(driver, "m", StateKind.Map);
        Use(driver, "l", StateKind.List);
        Assert.Null(driver.Refusal(id => Write(id, "v", 10)));
        var refusals = new[]
        {
            driver.Refusal(id => Write(id, "v", 11)),
            driver.Refusal(id => Put(id, "k", 11)),
            driver.Refusal(id => Append(id, 11)),
        };
        Assert.All(refusals, refusal => Assert.Equal(RejectionReason.PayloadTooLarge, refusal?.Reason));
        Assert.All(refusals, refusal => LimitNames.AssertNames(nameof(BrokerLimits.StateValueBytesMax), refusal));
    }

    [Fact]
    public void Bytes_of_one_object_are_limited_until_something_is_removed()
    {
        var driver = Driver(new BrokerLimits { StateBytesMax = 200 });
        Use(driver, "m", StateKind.Map);
        Use(driver, "l", StateKind.List);
        Assert.Null(driver.Refusal(id => Put(id, "a", 20)));
        Assert.Null(driver.Refusal(id => Put(id, "b", 20)));
        LimitNames.AssertNames(nameof(BrokerLimits.StateBytesMax), driver.Refusal(id => Put(id, "c", 20)));
        Assert.Null(driver.Refusal(id => new Command.WriteMap(id, Session, "m", [new MapChange("a", null)], false)));
        Assert.Null(driver.Refusal(id => Put(id, "c", 20)));

        Assert.Null(driver.Refusal(id => Append(id, 100)));
        LimitNames.AssertNames(nameof(BrokerLimits.StateBytesMax), driver.Refusal(id => Append(id, 0)));
        Assert.Null(driver.Refusal(id => new Command.WriteList(id, Session, "l") { RemoveCount = 1 }));
        Assert.Null(driver.Refusal(id => Append(id, 100)));
        LimitNames.AssertNames(
            nameof(BrokerLimits.StateBytesMax),
            Use(driver, "a", new StateSettings { Kind = StateKind.Array, Length = 101, ElementBytes = 2 }));
    }

    [Fact]
    public void Bytes_of_all_objects_are_limited_until_one_goes()
    {
        var driver = Driver(new BrokerLimits { StateBytesTotalMax = 100 });
        var array = new StateSettings { Kind = StateKind.Array, Length = 30, ElementBytes = 2 };
        Assert.Null(Use(driver, "a", array));
        LimitNames.AssertNames(nameof(BrokerLimits.StateBytesTotalMax), Use(driver, "b", array));
        Use(driver, "v", StateKind.Value);
        LimitNames.AssertNames(nameof(BrokerLimits.StateBytesTotalMax), driver.Refusal(id => Write(id, "v", 50)));
        driver.Ask(request => new Command.LeaveState(request, Session, "a"));
        Assert.Null(driver.Refusal(id => Write(id, "v", 50)));
    }

    [Fact]
    public void Entries_of_one_operation_are_limited()
    {
        var driver = Driver(new BrokerLimits { StateBatchMax = 1 });
        Use(driver, "m", StateKind.Map);
        Use(driver, "l", StateKind.List);
        var empty = TaskPayload.Empty;
        Rejection?[] refusals =
        [
            driver.Refusal(id => new Command.ReadMap(id, Session, "m", ["a", "b"], 1, "")),
            driver.Refusal(id => new Command.WriteMap(
                id, Session, "m", [new MapChange("a", empty), new MapChange("b", empty)], false)),
            driver.Refusal(id => new Command.WriteList(id, Session, "l") { Items = [empty, empty], Append = true }),
            driver.Refusal(id => new Command.WriteList(id, Session, "l") { RemoveCount = 2 }),
        ];
        Assert.All(refusals, refusal => LimitNames.AssertNames(nameof(BrokerLimits.StateBatchMax), refusal));
    }

    [Fact]
    public void Keys_of_a_map_have_a_length()
    {
        var driver = Driver(new BrokerLimits { KeyLengthMax = 3 });
        Use(driver, "m", StateKind.Map);
        Assert.Null(driver.Refusal(id => Put(id, "abc", 1)));
        LimitNames.AssertField("key", driver.Refusal(id => Put(id, "abcd", 1)));
        LimitNames.AssertField("key", driver.Refusal(id => Put(id, "", 1)));
    }

    [Fact]
    public void Permits_parties_and_elements_are_limited()
    {
        var driver = Driver(new BrokerLimits { PermitsMax = 2, PartiesMax = 2, ElementBytesMax = 2 });
        LimitNames.AssertNames(
            nameof(BrokerLimits.PermitsMax),
            Use(driver, "s", new StateSettings { Kind = StateKind.Semaphore, Permits = 3 }));
        LimitNames.AssertNames(
            nameof(BrokerLimits.PartiesMax),
            Use(driver, "b", new StateSettings { Kind = StateKind.Barrier, Parties = 3 }));
        LimitNames.AssertNames(
            nameof(BrokerLimits.ElementBytesMax),
            Use(driver, "a", new StateSettings { Kind = StateKind.Array, Length = 1, ElementBytes = 3 }));
        Use(driver, "s", new StateSettings { Kind = StateKind.Semaphore, Permits = 1 });
        Acquire(driver, "s", TimeSpan.Zero);
        Assert.Null(driver.Refusal(id => new Command.Release(id, Session, "s", 0, Add: 1)));
        LimitNames.AssertNames(
            nameof(BrokerLimits.PermitsMax), driver.Refusal(id => new Command.Release(id, Session, "s", 0, Add: 1)));
    }

    [Fact]
    public void Leases_are_limited_in_both_directions()
    {
        var driver = Driver(new BrokerLimits { GrantLeaseMax = TimeSpan.FromMinutes(1) });
        Use(driver, "x", StateKind.Lock);
        foreach (var lease in new[] { TimeSpan.FromMilliseconds(9), TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(-1) })
        {
            LimitNames.AssertField("lease", driver.Refusal(id => new Command.Acquire(
                id, Session, "x", TimeSpan.Zero, lease, 0)));
            LimitNames.AssertField("lease", driver.Refusal(id => new Command.ExtendGrant(id, Session, "x", 1, lease)));
        }

        var least = TimeSpan.FromMilliseconds(10);
        Assert.Null(driver.Refusal(id => new Command.Acquire(id, Session, "x", TimeSpan.Zero, least, 0)));
    }

    private static CoreDriver Driver(BrokerLimits limits)
    {
        var driver = new CoreDriver(limits);
        driver.Tell(new Command.OpenSession(Session, "test"));
        return driver;
    }

    private static Rejection? Use(CoreDriver driver, string name, StateKind kind) =>
        Use(driver, name, new StateSettings { Kind = kind });

    private static Rejection? Use(CoreDriver driver, string name, StateSettings settings) =>
        driver.Refusal(request => new Command.UseState(request, Session, name, settings, Keep: false));

    private static void Acquire(CoreDriver driver, string name, TimeSpan wait) => Assert.True(
        Assert.IsType<Response.Acquired>(driver.Ask(request =>
            new Command.Acquire(request, Session, name, wait, null, 0))).IsAcquired);

    private static Command Wait(RequestId request, StateKind kind)
    {
        var (name, wait) = (kind.ToString(), TimeSpan.FromMinutes(1));
        return kind switch
        {
            StateKind.Event => new Command.WaitEvent(request, Session, name, wait),
            StateKind.Barrier => new Command.WaitBarrier(request, Session, name, wait),
            _ => new Command.Acquire(request, Session, name, wait, null, 7),
        };
    }

    private static Command.WriteValue Write(RequestId request, string name, int bytes) =>
        new(request, Session, name, CoreDriver.Bytes(bytes), null);

    private static Command.WriteMap Put(RequestId request, string key, int bytes) =>
        new(request, Session, "m", [new MapChange(key, CoreDriver.Bytes(bytes))], false);

    private static Command.WriteList Append(RequestId request, int bytes) =>
        new(request, Session, "l") { Items = [CoreDriver.Bytes(bytes)], Append = true };
}
