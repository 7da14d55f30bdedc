using static Queued.Broker.Tests.Limits.CoreDriver;

namespace Queued.Broker.Tests.Limits;

/// <summary>The limits on pipes, and on waits for several things.</summary>
public sealed class PipeLimitTests
{
    private static readonly SessionId Session = new(7);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Pipes_are_limited()
    {
        var driver = Driver(new BrokerLimits { PipesMax = 1 });
        Open(driver, "a");
        LimitNames.AssertNames(nameof(BrokerLimits.PipesMax), driver.Refusal(request =>
            new Command.OpenPipe(request, Session, "b", null, PipeMode.Duplex, 0)));
        Open(driver, "a");
    }

    [Fact]
    public void The_buffer_of_a_pipe_is_limited()
    {
        var driver = Driver(new BrokerLimits { PipeBufferBytesMax = 10 });
        var rejection = driver.Refusal(request =>
            new Command.OpenPipe(request, Session, "a", null, PipeMode.Duplex, 11));
        LimitNames.AssertField("buffer_bytes", rejection);
        LimitNames.AssertNames(nameof(BrokerLimits.PipeBufferBytesMax), rejection);
        var opened = Assert.IsType<Response.PipeOpened>(driver.Ask(request =>
            new Command.OpenPipe(request, Session, "a", null, PipeMode.Duplex, 0)));
        Assert.Equal(10, opened.BufferBytes);
    }

    [Fact]
    public void Messages_on_their_way_are_limited_and_the_next_one_waits()
    {
        var driver = Driver(new BrokerLimits { PipeMessagesMax = 2 });
        var end = Open(driver, "a");
        Assert.Equal(2, Send(driver, end, TimeSpan.Zero, Bytes(0), Bytes(0), Bytes(0)));
        Assert.Equal(0, Send(driver, end, TimeSpan.Zero, Bytes(0)));
    }

    [Fact]
    public void Bytes_of_all_pipes_are_limited_also_where_they_wait_for_room()
    {
        var driver = Driver(new BrokerLimits { PipeBytesTotalMax = 400, PipeMessagesMax = 1 });
        var (one, other) = (Open(driver, "a"), Open(driver, "b"));
        var receiver = Open(driver, "a");
        Assert.Equal(1, Send(driver, one, Hour, Bytes(50)));
        driver.Tell(new Command.SendToPipe(default, Session, one, [Bytes(50)], Hour));
        LimitNames.AssertNames(nameof(BrokerLimits.PipeBytesTotalMax), driver.Refusal(request =>
            new Command.SendToPipe(request, Session, other, [Bytes(109)], Hour)));
        driver.Tell(new Command.ReceiveFromPipe(default, Session, receiver, 1, TimeSpan.Zero));
        Assert.Equal(1, Send(driver, other, Hour, Bytes(109)));
    }

    [Fact]
    public void A_message_has_the_size_of_a_payload_at_most_and_a_send_no_more_than_a_batch()
    {
        var driver = Driver(new BrokerLimits { PayloadBytesMax = 10, SubmitBatchMax = 2 });
        var end = Open(driver, "a");
        var rejection = driver.Refusal(request =>
            new Command.SendToPipe(request, Session, end, [Bytes(10), Bytes(11)], Hour));
        Assert.Equal(RejectionReason.PayloadTooLarge, rejection?.Reason);
        Assert.Equal("messages[1].data", rejection?.Field);
        LimitNames.AssertNames(nameof(BrokerLimits.PayloadBytesMax), rejection);
        foreach (var count in (int[])[0, 3])
        {
            LimitNames.AssertField("messages", driver.Refusal(request => new Command.SendToPipe(
                request, Session, end, [.. Enumerable.Repeat(Bytes(1), count)], Hour)));
        }

        foreach (var count in (int[])[-1, 3])
        {
            LimitNames.AssertField("messages_max", driver.Refusal(request =>
                new Command.ReceiveFromPipe(request, Session, end, count, TimeSpan.Zero)));
        }
    }

    [Fact]
    public void A_pipe_that_nobody_holds_is_kept_for_a_time()
    {
        var driver = Driver(new BrokerLimits { PipeLingerTime = TimeSpan.FromSeconds(9) });
        var end = Open(driver, "a");
        driver.Ask(request => new Command.ClosePipe(request, Session, end, false));
        driver.Advance(TimeSpan.FromSeconds(8));
        Assert.Single(List(driver));
        driver.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(List(driver));
    }

    [Fact]
    public void Things_that_one_wait_and_one_session_wait_for_are_limited()
    {
        var driver = Driver(new BrokerLimits { WaitTargetsMax = 2, WatchesPerSessionMax = 3 });
        WaitTarget target = new WaitTarget.PipeEnd(Open(driver, "a"));
        foreach (var count in (int[])[0, 3])
        {
            var rejection = driver.Refusal(request => new Command.WaitAny(
                request, Session, [.. Enumerable.Repeat(target, count)], Hour));
            LimitNames.AssertField("targets", rejection);
            LimitNames.AssertNames(nameof(BrokerLimits.WaitTargetsMax), rejection);
        }

        driver.Tell(new Command.WaitAny(new RequestId(100), Session, [target, target], Hour));
        LimitNames.AssertNames(nameof(BrokerLimits.WatchesPerSessionMax), driver.Refusal(request =>
            new Command.WaitAny(request, Session, [target, target], Hour)));
        driver.Tell(new Command.CancelWait(new RequestId(100)));
        driver.Tell(new Command.WaitAny(new RequestId(101), Session, [target, target], Hour));
        Assert.Empty(driver.Effects);
    }

    private static CoreDriver Driver(BrokerLimits limits)
    {
        var driver = new CoreDriver(limits);
        driver.Tell(new Command.OpenSession(Session, "s"));
        return driver;
    }

    private static PipeEndId Open(CoreDriver driver, string name) =>
        Assert.IsType<Response.PipeOpened>(driver.Ask(request =>
            new Command.OpenPipe(request, Session, name, null, PipeMode.Duplex, 0))).End;

    private static int Send(CoreDriver driver, PipeEndId end, TimeSpan wait, params TaskPayload[] messages) =>
        Assert.IsType<Response.PipeSent>(driver.Ask(request =>
            new Command.SendToPipe(request, Session, end, messages, wait))).Count;

    private static IReadOnlyList<PipeView> List(CoreDriver driver) =>
        Assert.IsType<Response.PipePage>(driver.Ask(request => new Command.ListPipes(request, 0, ""))).Pipes;
}
