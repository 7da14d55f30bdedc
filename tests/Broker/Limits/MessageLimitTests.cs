using static Queued.Broker.Tests.Limits.CoreDriver;

namespace Queued.Broker.Tests.Limits;

/// <summary>The limits on what is said of messages at once.</summary>
public sealed class MessageLimitTests
{
    private const string Queue = "letters";

    private static readonly SessionId Session = new(1);

    [Fact]
    public void Messages_of_one_call_are_limited()
    {
        var driver = Driver(new BrokerLimits { MessageBatchMax = 2 });
        Assert.Null(driver.Refusal(request => Put(request, Message(), Message())));
        Assert.Null(driver.Refusal(request => Get(request, max: 2)));
        foreach (var command in (Func<RequestId, Command>[])
            [
                request => Put(request, Message(), Message(), Message()),
                request => Get(request, max: 3),
                request => new Command.SettleMessages(request, Session,
                    [.. Enumerable.Range(1, 3).Select(Ack)]),
            ])
        {
            var rejection = driver.Refusal(command);
            Assert.Equal(RejectionReason.LimitReached, rejection?.Reason);
            LimitNames.AssertNames(nameof(BrokerLimits.MessageBatchMax), rejection);
        }
    }

    [Fact]
    public void Bytes_of_one_answer_are_limited_and_one_message_always_fits()
    {
        var driver = Driver(new BrokerLimits { MessageBatchBytesMax = 10 });
        driver.Ask(request => Put(request, Message(11), Message(6), Message(4), Message(1)));
        Assert.Single(Given(driver));
        Assert.Equal(2, Given(driver).Count);
        Assert.Single(Given(driver));
    }

    [Fact]
    public void Peek_looks_at_a_limited_number_whatever_the_labels()
    {
        var driver = Driver(new BrokerLimits { PageScanMax = 2 });
        var labels = new Dictionary<string, string> { ["to"] = "ann" };
        driver.Ask(request => Put(request, Message(), Message(), Message() with { Labels = labels }));
        Response Peek() => driver.Ask(request => new Command.PeekMessages(request, Queue, 9, labels));
        Assert.Empty(Assert.IsType<Response.MessagesShown>(Peek()).Messages);
        driver.Ask(request => Get(request, max: 1));
        Assert.Single(Assert.IsType<Response.MessagesShown>(Peek()).Messages);
        LimitNames.AssertField("messages_max", driver.Refusal(request =>
            new Command.PeekMessages(request, Queue, new BrokerLimits().PageSizeMax + 1, null)));
    }

    [Theory]
    [InlineData("payload.content_type")]
    [InlineData("priority")]
    [InlineData("delay")]
    [InlineData("idempotency_key")]
    [InlineData("idempotency_ttl")]
    [InlineData("labels")]
    public void Bad_message_is_refused_with_its_place_and_nothing_is_put(string field)
    {
        var limits = new BrokerLimits();
        var driver = Driver(limits);
        var bad = field switch
        {
            "payload.content_type" => Message() with
            {
                Payload = new TaskPayload(default, new string('t', limits.ContentTypeLengthMax + 1)),
            },
            "priority" => Message() with { Priority = 128 },
            "delay" => Message() with { Delay = limits.DelayMax + TimeSpan.FromTicks(1) },
            "idempotency_key" => Message() with { IdempotencyKey = new string('k', limits.KeyLengthMax + 1) },
            "idempotency_ttl" => Message() with { IdempotencyTtl = TimeSpan.Zero },
            _ => Message() with { Labels = new Dictionary<string, string> { ["a b"] = "" } },
        };
        var rejection = driver.Refusal(request => Put(request, Message(), bad));
        Assert.Equal((RejectionReason.InvalidRequest, $"messages[1].{field}"), (rejection?.Reason, rejection?.Field));
        Assert.Empty(Given(driver));
    }

    [Fact]
    public void Payload_past_its_limit_is_refused()
    {
        var driver = Driver(new BrokerLimits { PayloadBytesMax = 10 });
        Assert.Null(driver.Refusal(request => Put(request, Message(10))));
        var rejection = driver.Refusal(request => Put(request, Message(11)));
        Assert.Equal(RejectionReason.PayloadTooLarge, rejection?.Reason);
        LimitNames.AssertNames(nameof(BrokerLimits.PayloadBytesMax), rejection);
    }

    [Fact]
    public void The_daemons_own_limits_are_not_waited_for()
    {
        var driver = Driver(new BrokerLimits { TasksMax = 1 });
        driver.Ask(request => Put(request, Message()));
        var rejection = driver.Refusal(request => Put(request, Message()) with { Wait = TimeSpan.FromHours(1) });
        LimitNames.AssertNames(nameof(BrokerLimits.TasksMax), rejection);
    }

    [Fact]
    public void Bytes_of_puts_that_wait_count_among_those_of_all_queues_until_they_end()
    {
        var driver = Driver(new BrokerLimits { PayloadBytesTotalMax = 1000 });
        driver.Ask(request => new Command.DeclareQueue(
            request, Queue, new QueueSettings { Kind = QueueKind.Messages, TasksMax = 1 }));
        driver.Ask(request => Put(request, Message(300)));
        // 300 bytes there, and 364 for each that waits.
        driver.Tell(Waiting(new RequestId(1001), 300));
        var refusal = driver.Refusal(request => Waiting(request, 300));
        LimitNames.AssertNames(nameof(BrokerLimits.PayloadBytesTotalMax), refusal);
        refusal = driver.Submit(Task() with { Payload = Bytes(337) }).Rejection;
        LimitNames.AssertNames(nameof(BrokerLimits.PayloadBytesTotalMax), refusal);

        // The one that is held and the one that has come into the queue have 600 bytes, and then nothing waits.
        Assert.Single(Given(driver));
        Assert.Contains(driver.Effects, effect => effect is Effect.Reply { Response: Response.MessagesPut });
        driver.Tell(Waiting(new RequestId(1002), 300));
        driver.Tell(new Command.CancelWait(new RequestId(1002)));
        driver.Tell(Waiting(new RequestId(1003), 300));
        driver.Tell(new Command.EndSession(Session));
        Assert.Null(driver.Submit(Task() with { Payload = Bytes(400) }).Rejection);

        static Command Waiting(RequestId request, int bytes) =>
            Put(request, Message(bytes)) with { Wait = TimeSpan.FromHours(1) };
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(31 * 86400.0)]
    public void Lease_is_a_second_to_the_longest_timeout(double seconds)
    {
        var driver = Driver(new BrokerLimits());
        var lease = TimeSpan.FromSeconds(seconds);
        LimitNames.AssertField("lease", driver.Refusal(request => Get(request, 1) with { Lease = lease }));
    }

    private static CoreDriver Driver(BrokerLimits limits)
    {
        var driver = new CoreDriver(limits);
        driver.Tell(new Command.OpenSession(Session, "test"));
        driver.Ask(request => new Command.DeclareQueue(
            request, Queue, new QueueSettings { Kind = QueueKind.Messages }));
        return driver;
    }

    private static IReadOnlyList<MessageView> Given(CoreDriver driver) =>
        Assert.IsType<Response.MessagesGiven>(driver.Ask(request => Get(request, 9))).Messages;

    private static Command.PutMessages Put(RequestId request, params TaskSubmission[] messages) =>
        new(request, Session, Queue, messages, TimeSpan.Zero);

    private static Command.GetMessages Get(RequestId request, int max) =>
        new(request, Session, Queue, max, TimeSpan.Zero, IsAutoAck: false, null);

    private static MessageSettlement Ack(int id) =>
        new MessageSettlement.Acked(new AttemptId(new TaskId((ulong)id), 1));

    private static TaskSubmission Message(int bytes = 0) =>
        new() { Handler = "", Queue = Queue, Payload = Bytes(bytes) };
}
