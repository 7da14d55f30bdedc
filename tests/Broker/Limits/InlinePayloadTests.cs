namespace Queued.Broker.Tests.Limits;

/// <summary>Only payloads and results of tasks go by shared memory; everything else is refused there.</summary>
public sealed class InlinePayloadTests
{
    private static readonly SessionId Session = new(1);

    [Theory]
    [InlineData("message", "messages[0].payload.segment")]
    [InlineData("pipe", "messages[0].segment")]
    [InlineData("value", "payload.segment")]
    [InlineData("map", "changes.payload.segment")]
    [InlineData("list", "items.segment")]
    public void A_reference_to_a_segment_is_refused_with_its_field_and_nothing_is_taken(string where, string field)
    {
        var driver = new CoreDriver(new BrokerLimits());
        driver.Tell(new Command.OpenSession(Session, "s"));
        driver.Tell(new Command.CreateSegment(new RequestId(100), Session, "s", 4096));
        var segment = driver.Effects.OfType<Effect.CreateSegment>().Single().Id;
        driver.Tell(new Command.SegmentReady(segment, null));
        var payload = TaskPayload.InSegment(new SegmentRange(segment, 0, 10, Fingerprint: 0), "");
        driver.Ask(request => new Command.UseQueue(
            request, Session, "message", new QueueSettings { Kind = QueueKind.Messages }, IsEphemeral: false));
        Use(driver, "value", StateKind.Value);
        Use(driver, "map", StateKind.Map);
        Use(driver, "list", StateKind.List);
        var end = Assert.IsType<Response.PipeOpened>(driver.Ask(request =>
            new Command.OpenPipe(request, Session, "pipe", null, PipeMode.Duplex, 0))).End;

        var rejection = driver.Refusal(request => where switch
        {
            "message" => new Command.PutMessages(
                request, Session, where, [new TaskSubmission { Handler = "", Queue = where, Payload = payload }],
                TimeSpan.Zero),
            "pipe" => new Command.SendToPipe(request, Session, end, [payload], TimeSpan.Zero),
            "value" => new Command.WriteValue(request, Session, where, payload, null),
            "map" => new Command.WriteMap(request, Session, where, [new MapChange("k", payload)], Clear: false),
            _ => new Command.WriteList(request, Session, where) { Items = [payload], Append = true },
        });

        Assert.Equal((RejectionReason.InvalidRequest, field), (rejection?.Reason, rejection?.Field));
        driver.Tell(new Command.EndSession(Session));
        Assert.Empty(Assert.IsType<Response.SegmentPage>(
            driver.Ask(request => new Command.ListSegments(request, 9, null))).Segments);
    }

    private static void Use(CoreDriver driver, string name, StateKind kind) =>
        driver.Ask(request => new Command.UseState(request, Session, name, new StateSettings { Kind = kind }, false));
}
