namespace Queued.Broker.Tests.Tracing;

/// <summary>use, leave-queue, put, give, ack, nack, bury, release, lengthen, peek, join, read.</summary>
internal static class MessageVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "use":
                var isEphemeral = line.Flag("ephemeral");
                return new Command.UseQueue(
                    runner.NextRequest(), SessionVerbs.Session(line), line.Word(0), QueueVerbs.Settings(line),
                    isEphemeral);
            case "leave-queue":
                return new Command.LeaveQueue(runner.NextRequest(), SessionVerbs.Session(line), line.Word(0));
            case "put":
                return Put(line, runner);
            case "give":
                var isAutoAck = line.Flag("auto");
                return new Command.GetMessages(
                    runner.NextRequest(), SessionVerbs.Session(line), line.Word(0), line.Number("max"),
                    line.Span("wait") ?? TimeSpan.Zero, isAutoAck, line.Span("lease"));
            case "ack" or "nack" or "bury" or "release" or "lengthen":
                var settlement = Settlement(line);
                return new Command.SettleMessages(
                    runner.NextRequest(), SessionVerbs.Session(line),
                    line.Words.Select(word => settlement(runner.Names.Attempt(word))).ToArray());
            case "peek":
                return new Command.PeekMessages(
                    runner.NextRequest(), line.Word(0), line.Number("max"), line.WithPrefix("label."));
            case "join":
                return new Command.JoinQueue(
                    runner.NextRequest(), SessionVerbs.Session(line), line.Word(0),
                    line.Span("wait") ?? TimeSpan.Zero);
            case "read":
                var isLost = line.Flag("lost");
                var deliveries = line.Words.Select(runner.Names.Attempt).ToArray();
                return isLost
                    ? new Command.MessagesRead([], deliveries.Select(delivery => (delivery, "it is gone")).ToArray())
                    : new Command.MessagesRead(deliveries, []);
            default:
                return null;
        }
    }

    public static string Show(MessageView message, TraceNames names)
    {
        var text = $"{names.Show(message.Id)}/{message.Delivery} {ViewText.Bytes(message.Payload)}";
        return message.LeaseUntil is { } until ? $"{text} until={until:HH:mm:ss.fff}" : text;
    }

    private static Command.PutMessages Put(TraceLine line, TraceRunner runner)
    {
        var template = new TaskSubmission
        {
            Handler = "",
            Queue = line.Word(0),
            Priority = line.Number("priority"),
            Delay = line.Span("delay"),
            IdempotencyKey = line.Option("key"),
            IdempotencyTtl = line.Span("key_ttl"),
            Labels = line.WithPrefix("label."),
        };
        var payload = line.Option("payload");
        var names = line.Words.Skip(1).ToArray();
        var request = runner.NextRequest();
        runner.Names.Expect(request, names);
        return new Command.PutMessages(
            request, SessionVerbs.Session(line), line.Word(0),
            names.Select(name => template with { Payload = TaskVerbs.Payload(payload ?? name) }).ToArray(),
            line.Span("wait") ?? TimeSpan.Zero);
    }

    private static Func<AttemptId, MessageSettlement> Settlement(TraceLine line)
    {
        var (span, reason) = (line.Span("delay") ?? line.Span("lease") ?? TimeSpan.Zero, line.Option("reason", ""));
        return line.Verb switch
        {
            "ack" => delivery => new MessageSettlement.Acked(delivery),
            "nack" => delivery => new MessageSettlement.Nacked(delivery, span, reason),
            "bury" => delivery => new MessageSettlement.Buried(delivery, reason),
            "release" => delivery => new MessageSettlement.Released(delivery),
            _ => delivery => new MessageSettlement.Extended(delivery, span),
        };
    }
}
