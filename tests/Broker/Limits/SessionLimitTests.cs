namespace Queued.Broker.Tests.Limits;

/// <summary>The limit on what waits in one session, whatever it waits for.</summary>
public sealed class SessionLimitTests
{
    private static readonly SessionId Session = new(1);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly CoreDriver _driver = new(new BrokerLimits { WaitsPerSessionMax = 2 });

    public SessionLimitTests()
    {
        _driver.Tell(new Command.OpenSession(Session, "test"));
        _driver.Ask(id => new Command.UseQueue(
            id, Session, "letters", new QueueSettings { TasksMax = 1 }, IsEphemeral: false));
        foreach (var (name, kind) in new[]
            { ("door", StateKind.Lock), ("set", StateKind.Event), ("gate", StateKind.Barrier) })
        {
            var settings = new StateSettings { Kind = kind, Parties = kind == StateKind.Barrier ? 3 : 0 };
            _driver.Ask(id => new Command.UseState(id, Session, name, settings, Keep: false));
        }
    }

    [Fact]
    public void Whatever_more_would_wait_is_refused_and_what_need_not_wait_is_not()
    {
        _driver.Tell(Event(new RequestId(1001)));
        _driver.Tell(Event(new RequestId(1002)));

        foreach (var more in (Func<RequestId, Command>[])
            [
                Event,
                id => new Command.WaitBarrier(id, Session, "gate", Long),
                id => new Command.GetMessages(id, Session, "letters", 1, Long, IsAutoAck: false, null),
                id => new Command.WaitAny(id, Session, [new WaitTarget.Queue("letters")], Long),
                id => new Command.CreateSegment(id, Session, "", 4096),
            ])
        {
            LimitNames.AssertNames(nameof(BrokerLimits.WaitsPerSessionMax), _driver.Refusal(more));
        }

        Assert.Null(_driver.Refusal(id => new Command.GetMessages(
            id, Session, "letters", 1, TimeSpan.Zero, IsAutoAck: false, null)));
        _driver.Tell(new Command.CancelWait(new RequestId(1001)));
        // Nobody went: the barrier is whole.
        _driver.Tell(new Command.WaitBarrier(new RequestId(1003), Session, "gate", Long));
        LimitNames.AssertNames(nameof(BrokerLimits.WaitsPerSessionMax), _driver.Refusal(Event));
    }

    [Fact]
    public void What_a_refused_put_or_send_has_brought_in_stays()
    {
        _driver.Tell(Event(new RequestId(1001)));
        _driver.Tell(Event(new RequestId(1002)));
        var put = Assert.IsType<Response.MessagesPut>(_driver.Ask(id => new Command.PutMessages(
            id, Session, "letters", [Message(), Message()], Long)));
        Assert.Equal(1, put.Ids.Length);
        LimitNames.AssertNames(nameof(BrokerLimits.WaitsPerSessionMax), put.Refusal);

        var end = Assert.IsType<Response.PipeOpened>(_driver.Ask(Open)).End;
        _driver.Ask(Open);
        Response Send(int count) => _driver.Ask(id => new Command.SendToPipe(
            id, Session, end, [.. Enumerable.Repeat(CoreDriver.Bytes(9), count)], Long));
        Assert.Equal(1, Assert.IsType<Response.PipeSent>(Send(2)).Count);
        LimitNames.AssertNames(
            nameof(BrokerLimits.WaitsPerSessionMax), Assert.IsType<Response.Rejected>(Send(1)).Rejection);

        static Command Open(RequestId id) =>
            new Command.OpenPipe(id, Session, "talk", null, PipeMode.Duplex, BufferBytes: 9);
    }

    private static Command Event(RequestId id) => new Command.WaitEvent(id, Session, "set", Long);

    private static TaskSubmission Message() => new() { Handler = "", Queue = "letters" };
}
