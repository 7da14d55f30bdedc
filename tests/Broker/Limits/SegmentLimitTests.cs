namespace Queued.Broker.Tests.Limits;

public sealed class SegmentLimitTests
{
    private static readonly SessionId Session = new(1);

    [Fact]
    public void There_are_no_more_segments_than_may_be()
    {
        var driver = Driver(new BrokerLimits { SegmentsMax = 2 });
        Made(driver, 1);
        Made(driver, 2);

        LimitNames.AssertNames(nameof(BrokerLimits.SegmentsMax), driver.Refusal(Create("", 1)));

        driver.Ask(request => new Command.CloseSegment(request, Session, new SegmentId(1)));
        Made(driver, 3);
    }

    [Fact]
    public void A_segment_is_no_longer_than_it_may_be()
    {
        var driver = Driver(new BrokerLimits { SegmentBytesMax = 100 });
        LimitNames.AssertNames(nameof(BrokerLimits.SegmentBytesMax), driver.Refusal(Create("", 101)));
        Made(driver, 1, 100);
        LimitNames.AssertNames(
            nameof(BrokerLimits.SegmentBytesMax),
            driver.Refusal(request => new Command.ResizeSegment(request, Session, new SegmentId(1), 101)));
    }

    [Fact]
    public void All_segments_together_are_no_longer_than_they_may_be()
    {
        var driver = Driver(new BrokerLimits { SegmentBytesTotalMax = 100 });
        Made(driver, 1, 60);
        Made(driver, 2, 30);
        LimitNames.AssertNames(nameof(BrokerLimits.SegmentBytesTotalMax), driver.Refusal(Create("", 11)));
        LimitNames.AssertNames(
            nameof(BrokerLimits.SegmentBytesTotalMax),
            driver.Refusal(request => new Command.ResizeSegment(request, Session, new SegmentId(2), 41)));

        driver.Ask(request => new Command.CloseSegment(request, Session, new SegmentId(2)));
        Made(driver, 3, 40);
    }

    [Fact]
    public void A_durable_queue_takes_no_payload_and_no_result_that_could_not_be_handed_out_again()
    {
        var driver = Driver(new BrokerLimits { StoredPayloadBytesMax = 100 });
        Made(driver, 1, 1000);
        driver.Ask(request => new Command.DeclareQueue(
            request, "kept", new QueueSettings { Durability = Durability.Fsync }));

        LimitNames.AssertNames(
            nameof(BrokerLimits.StoredPayloadBytesMax), driver.Submit(In(1, 101) with { Queue = "kept" }).Rejection);
        Assert.Null(driver.Submit(In(1, 101)).Rejection);
        Assert.Null(driver.Submit(In(1, 100) with { Queue = "kept" }).Rejection);

        var worker = driver.ConnectExternal(1, 1, "kept");
        var attempt = Assert.IsType<Effect.Assign>(
            driver.Effects.Single(effect => effect is Effect.Assign)).Assignment.Attempt;
        driver.Settle(worker, new Settlement.Succeeded(attempt, In(1, 101).Payload));
        var task = driver.Get(attempt.Task);
        Assert.Equal((TaskState.Failed, FailureKind.Rejected), (task.State, task.Failure?.Kind));
        Assert.Contains("stored_payload_bytes_max", task.Failure!.Message, StringComparison.Ordinal);
    }

    private static TaskSubmission In(ulong segment, int length) => CoreDriver.Task() with
    {
        Payload = TaskPayload.InSegment(new SegmentRange(new SegmentId(segment), 0, length, default), ""),
    };

    private static CoreDriver Driver(BrokerLimits limits)
    {
        var driver = new CoreDriver(limits);
        driver.Tell(new Command.OpenSession(Session, "one"));
        return driver;
    }

    private static void Made(CoreDriver driver, ulong number, long bytes = 1)
    {
        driver.Tell(Create("", bytes)(new RequestId(1000 + (long)number)));
        Assert.Equal(new Effect.CreateSegment(new SegmentId(number), bytes), Assert.Single(driver.Effects));
        driver.Tell(new Command.SegmentReady(new SegmentId(number), null));
        Assert.IsType<Response.OneSegment>(Assert.IsType<Effect.Reply>(Assert.Single(driver.Effects)).Response);
    }

    private static Func<RequestId, Command> Create(string name, long bytes) =>
        request => new Command.CreateSegment(request, Session, name, bytes);
}
